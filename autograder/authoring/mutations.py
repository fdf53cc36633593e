"""The small changes that libcst can make to a function: operators, axes, constants, lines and more.

Changes are made where a learner errs: in the numbers. Docstrings, messages of exceptions, type
hints and imports stay as they are. A change that could only end in an error that any call shows,
such as a name without its definition, is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import libcst as cst

# what kind of change, the old node, the new one (None: nothing in its place)
Change = tuple[str, cst.CSTNode, cst.CSTNode | None]

OTHER_OPERATORS: dict[type[cst.BaseBinaryOp], tuple[type[cst.BaseBinaryOp], ...]] = {
    cst.Add: (cst.Subtract, cst.Multiply),
    cst.Subtract: (cst.Add,),
    cst.Multiply: (cst.Divide, cst.Add),
    cst.Divide: (cst.Multiply,),
    cst.FloorDivide: (cst.Divide, cst.Multiply),
    cst.Modulo: (cst.Multiply,),
    cst.MatrixMultiply: (cst.Multiply,),
    cst.Power: (cst.Multiply,),
    cst.BitAnd: (cst.BitOr,),
    cst.BitOr: (cst.BitAnd,),
    cst.BitXor: (cst.BitAnd,),
    cst.LeftShift: (cst.RightShift,),
    cst.RightShift: (cst.LeftShift,),
}
ORDERED = (cst.Subtract, cst.Divide, cst.FloorDivide, cst.MatrixMultiply, cst.Power, cst.Modulo)
AUGMENTED: dict[type[cst.BaseAugOp], type[cst.BaseAugOp]] = {
    cst.AddAssign: cst.SubtractAssign,
    cst.SubtractAssign: cst.AddAssign,
    cst.MultiplyAssign: cst.DivideAssign,
    cst.DivideAssign: cst.MultiplyAssign,
    cst.PowerAssign: cst.MultiplyAssign,
    cst.BitAndAssign: cst.BitOrAssign,
    cst.BitOrAssign: cst.BitAndAssign,
}
COMPARISONS: dict[type[cst.BaseCompOp], tuple[type[cst.BaseCompOp], ...]] = {
    cst.LessThan: (cst.LessThanEqual, cst.GreaterThanEqual),
    cst.LessThanEqual: (cst.LessThan, cst.GreaterThan),
    cst.GreaterThan: (cst.GreaterThanEqual, cst.LessThanEqual),
    cst.GreaterThanEqual: (cst.GreaterThan, cst.LessThan),
    cst.Equal: (cst.NotEqual,),
    cst.NotEqual: (cst.Equal,),
    cst.In: (cst.NotIn,),
    cst.NotIn: (cst.In,),
    cst.Is: (cst.IsNot,),
    cst.IsNot: (cst.Is,),
}
# functions of one signature that are mistaken for one another
SIBLINGS = {
    **{a: b for pair in (
        ("sum", "mean"), ("max", "min"), ("maximum", "minimum"), ("argmax", "argmin"),
        ("any", "all"), ("zeros", "ones"), ("zeros_like", "ones_like"), ("sin", "cos"),
        ("tril", "triu"), ("floor", "ceil"), ("logical_and", "logical_or"), ("sqrt", "square"),
    ) for a, b in (pair, pair[::-1])},
    "log": "log2", "exp": "exp2", "std": "var", "var": "std", "cumsum": "cumprod",
    "prod": "sum", "tanh": "sin", "amax": "amin", "nansum": "nanmean",
}  # fmt: skip
IN_PLACE: dict[type[cst.BaseBinaryOp], str] = {
    cst.Add: "add",
    cst.Subtract: "subtract",
    cst.Multiply: "multiply",
    cst.Divide: "divide",
    cst.Power: "power",
}
# changes that change nothing: -0 is 0, and max(a, b) is max(b, a)
SIGNLESS = {"zeros", "zeros_like", "empty", "empty_like"}
COMMUTATIVE = {"max", "min", "maximum", "minimum", "logical_and", "logical_or", "add", "multiply"}
UFUNCS = {"exp", "log", "tanh", "sqrt", "square", "abs", "maximum", "minimum", "multiply", "divide"}
COMPOUND = (
    cst.BinaryOperation,
    cst.UnaryOperation,
    cst.BooleanOperation,
    cst.Comparison,
    cst.IfExp,
    cst.Lambda,
    cst.NamedExpr,
)
# where an expression needs no parentheses of its own
OPEN = (
    cst.Return,
    cst.Assign,
    cst.AugAssign,
    cst.AnnAssign,
    cst.Expr,
    cst.Arg,
    cst.Index,
    cst.Element,
    cst.If,
    cst.While,
    cst.CompIf,
)
NEGATABLE = (cst.BinaryOperation, cst.Call, cst.Name, cst.Subscript, cst.Attribute)


class Changes:
    """The changes that one function's syntax tree allows."""

    def __init__(
        self,
        function: cst.FunctionDef,
        modules: set[str],
        arrays: Mapping[str, int],
        lines: Mapping[cst.CSTNode, int],
    ) -> None:
        self.function = function
        self.modules = modules
        self.arrays = arrays
        self.lines = lines
        self.bound = _bound_names(function, lines)

    def all(self) -> Iterator[Change]:
        for parameter in _parameters(self.function):
            if parameter.default is not None:
                yield from self.expression(parameter.default, parameter)
        yield from self.block(self.function.body)

    # -- statements

    def block(self, body: cst.BaseSuite) -> Iterator[Change]:
        if isinstance(body, cst.SimpleStatementSuite):  # if x: return y
            for small in body.body:
                yield from self.small_statement(small)
            return
        for position, statement in enumerate(body.body):
            if isinstance(statement, cst.SimpleStatementLine):
                if position == 0 and _is_docstring(statement):
                    continue
                alone = len(statement.body) == 1 and len(body.body) > 1
                for small in statement.body:
                    yield from self.small_statement(small, statement if alone else None)
            elif isinstance(statement, cst.FunctionDef):
                yield from self.block(statement.body)
            elif isinstance(statement, cst.BaseCompoundStatement):
                yield from self.compound(statement)

    def small_statement(
        self, small: cst.BaseSmallStatement, line: cst.SimpleStatementLine | None = None
    ) -> Iterator[Change]:
        """`line` is the whole line of the statement, if it can be taken out."""
        if self._can_be_dropped(small):
            if line is not None:
                yield "line dropped", line, None
            else:
                yield "line dropped", small, cst.Pass()
        if isinstance(small, cst.AugAssign):
            yield from self.augmented(small)
            yield from self.expression(small.value, small)
        elif isinstance(small, cst.Assert):
            yield from self.expression(small.test, small)
        elif isinstance(small, (cst.Assign, cst.Return, cst.AnnAssign, cst.Expr)):
            for target in small.targets if isinstance(small, cst.Assign) else ():
                if isinstance(target.target, cst.Subscript):
                    yield from self.subscript(target.target, small, stored=True)
            if small.value is None:
                return
            if not isinstance(small, cst.Expr):
                yield from _negations(small.value)
            yield from self.expression(small.value, small)

    def _can_be_dropped(self, small: cst.BaseSmallStatement) -> bool:
        if isinstance(small, (cst.Break, cst.Continue, cst.Raise, cst.AugAssign, cst.Expr)):
            return True
        if isinstance(small, cst.Assign):
            names = [n for target in small.targets for n in _target_names(target.target)]
            # without its only definition a name is an error that teaches nothing
            return all(sum(name == n for n, _ in self.bound) > 1 for name in names)
        return False

    def augmented(self, small: cst.AugAssign) -> Iterator[Change]:
        other = AUGMENTED.get(type(small.operator))
        if other is not None:
            yield "operator", small, small.with_changes(operator=other())
        target = small.target
        assigned = cst.Assign([cst.AssignTarget(target)], small.value)
        yield "operator", small, assigned
        if isinstance(target, cst.Subscript):
            yield from self.subscript(target, small, stored=True)

    def compound(self, statement: cst.BaseCompoundStatement) -> Iterator[Change]:
        if isinstance(statement, (cst.If, cst.While)):
            yield from self.expression(statement.test, statement)
            if isinstance(statement, cst.If):
                for value in ("True", "False"):
                    yield "condition", statement.test, cst.Name(value)
            if isinstance(statement.orelse, cst.If):
                yield from self.compound(statement.orelse)
            elif isinstance(statement.orelse, cst.Else):
                yield from self.block(statement.orelse.body)
        elif isinstance(statement, cst.For):
            yield from self.expression(statement.iter, statement)
        body = getattr(statement, "body", None)
        if isinstance(body, cst.BaseSuite) and not isinstance(statement, cst.ClassDef):
            yield from self.block(body)

    # -- expressions

    def expression(self, node: cst.BaseExpression, parent: cst.CSTNode) -> Iterator[Change]:
        if isinstance(node, cst.BinaryOperation):
            yield from self.binary(node, parent)
        elif isinstance(node, cst.UnaryOperation):
            yield (
                "sign" if isinstance(node.operator, cst.Minus) else "operator",
                node,
                _fit(node.expression, parent),
            )
        elif isinstance(node, cst.BooleanOperation):
            other = cst.Or() if isinstance(node.operator, cst.And) else cst.And()
            yield "operator", node, _closed(node.with_changes(operator=other), parent)
        elif isinstance(node, cst.Comparison):
            yield from self.comparison(node, parent)
        elif isinstance(node, cst.IfExp):
            swapped = node.with_changes(body=_atom(node.orelse), orelse=_atom(node.body))
            yield "branches swapped", node, swapped
        elif isinstance(node, (cst.Integer, cst.Float)):
            for number in _nudged(node):
                yield "constant", node, _closed(number, parent)
        elif isinstance(node, cst.Name):
            yield from self.name(node, parent)
        elif isinstance(node, cst.Attribute):
            yield from self.attribute(node, parent)
        elif isinstance(node, cst.Subscript):
            yield from self.subscript(node, parent)
        elif isinstance(node, cst.Call):
            yield from self.call(node, parent)
        elif isinstance(node, cst.Tuple):
            yield from self.tuple(node, parent)
        yield from self.inside(node)

    def inside(self, node: cst.CSTNode) -> Iterator[Change]:
        """Changes of the expressions that a node is made of."""
        if isinstance(node, cst.Call):
            if isinstance(node.func, cst.Attribute) and not self._is_module(node.func.value):
                yield from self.expression(node.func.value, node.func)
            elif not isinstance(node.func, (cst.Name, cst.Attribute)):
                yield from self.expression(node.func, node)
            for argument in node.args:
                if argument.keyword is None or argument.keyword.value != "keepdims":
                    yield from self.expression(argument.value, argument)
        elif isinstance(node, cst.Attribute):
            if not self._is_module(node.value):
                yield from self.expression(node.value, node)
        elif isinstance(node, cst.CompFor):
            yield from self.expression(node.iter, node)
            for condition in node.ifs:
                yield "condition", condition.test, cst.Name("True")
                yield from self.expression(condition.test, condition)
            if node.inner_for_in is not None:
                yield from self.inside(node.inner_for_in)
        elif isinstance(node, cst.Lambda):
            yield from self.expression(node.body, node)
        elif not isinstance(node, (cst.Name, cst.FormattedString, cst.ConcatenatedString)):
            for child in node.children:
                if isinstance(child, cst.BaseExpression):
                    yield from self.expression(child, node)
                else:
                    yield from self.inside(child)

    def binary(self, node: cst.BinaryOperation, parent: cst.CSTNode) -> Iterator[Change]:
        left, right = node.left, node.right
        for other in OTHER_OPERATORS.get(type(node.operator), ()):
            changed = node.with_changes(
                left=_atom(left), operator=other(), right=_atom(right)
            )  # fmt: skip
            yield "operator", node, _closed(changed, parent)
        if isinstance(node.operator, ORDERED):
            swapped = node.with_changes(left=_atom(right), right=_atom(left))
            yield "operands swapped", node, _closed(swapped, parent)
        yield "operand dropped", node, _fit(left, parent)
        yield "operand dropped", node, _fit(right, parent)
        name = IN_PLACE.get(type(node.operator))
        if name and "np" in self.modules:
            for operand in (left, right):
                if isinstance(operand, cst.Name) and self._is_input(operand):
                    yield "in place", node, _call(f"np.{name}", left, right, out=operand)

    def comparison(self, node: cst.Comparison, parent: cst.CSTNode) -> Iterator[Change]:
        for i, target in enumerate(node.comparisons):
            for other in COMPARISONS.get(type(target.operator), ()):
                changed = [*node.comparisons]
                changed[i] = target.with_changes(operator=other())
                yield "comparison", node, _closed(node.with_changes(comparisons=changed), parent)

    def name(self, node: cst.Name, parent: cst.CSTNode) -> Iterator[Change]:
        if node.value in ("True", "False"):
            yield "constant", node, cst.Name(str(node.value == "False"))
            return
        if self._dimensions(node) >= 2 and isinstance(parent, (cst.BinaryOperation, cst.Arg)):
            yield "transpose added", node, cst.Attribute(node, cst.Name("T"))
        axes = _axes(node.value)
        if axes and node.value in {name for name, _ in self.bound}:
            here = self.lines[node]
            for other in sorted({n for n, line in self.bound if line < here}):
                if other != node.value and _axes(other) == axes:
                    yield "another name", node, cst.Name(other)

    def attribute(self, node: cst.Attribute, parent: cst.CSTNode) -> Iterator[Change]:
        if node.attr.value in ("T", "mT"):
            yield "transpose dropped", node, node.value

    def subscript(
        self, node: cst.Subscript, parent: cst.CSTNode, stored: bool = False
    ) -> Iterator[Change]:
        if not stored:
            yield "index dropped", node, _atom(node.value)
        elements = list(node.slice)
        for i in range(len(elements) - 1):
            swapped = [*elements]
            swapped[i] = elements[i].with_changes(slice=elements[i + 1].slice)
            swapped[i + 1] = elements[i + 1].with_changes(slice=elements[i].slice)
            yield "index", node, node.with_changes(slice=swapped)
        for element in elements:
            index = element.slice
            if isinstance(index, cst.Slice):
                for part in ("lower", "upper", "step"):
                    value = getattr(index, part)
                    if value is not None:
                        yield "index", index, index.with_changes(**{part: None})
                        if not isinstance(value, cst.Integer):
                            moved = cst.BinaryOperation(
                                _atom(value), cst.Add(), cst.Integer("1")
                            )  # fmt: skip
                            yield "index", value, moved
            elif isinstance(index, cst.Index) and isinstance(
                index.value, (cst.Name, cst.Call, cst.Attribute, cst.BinaryOperation)
            ):
                if isinstance(index.value, cst.Name) and index.value.value == "None":
                    continue
                moved = cst.BinaryOperation(
                    _atom(index.value), cst.Subtract(), cst.Integer("1")
                )  # fmt: skip
                yield "index", index.value, moved
        if stored:
            yield from self.inside(node)

    def call(self, node: cst.Call, parent: cst.CSTNode) -> Iterator[Change]:
        yield from self.arguments(node)
        of_module = isinstance(node.func, cst.Attribute) and self._is_module(node.func.value)
        positional = [a for a in node.args if a.keyword is None and not a.star]
        if isinstance(node.func, cst.Attribute):
            sibling = SIBLINGS.get(node.func.attr.value)
            if sibling:
                func = node.func.with_changes(attr=cst.Name(sibling))
                yield "function", node, node.with_changes(func=func)
            if of_module and node.func.attr.value == "einsum":
                yield from _einsum(node)
            if not of_module:
                yield "call dropped", node, _fit(node.func.value, parent)
        if positional and (of_module or isinstance(node.func, cst.Name)):
            yield "call dropped", node, _fit(positional[0].value, parent)
        if (
            of_module
            and isinstance(node.func, cst.Attribute)
            and node.func.attr.value in UFUNCS
            and not any(a.keyword and a.keyword.value == "out" for a in node.args)
        ):
            for argument in positional:
                value = argument.value
                if isinstance(value, cst.Name) and self._is_input(value):
                    out = cst.Arg(value, keyword=cst.Name("out"), equal=_tight())
                    yield "in place", node, node.with_changes(args=[*node.args, out])

    def arguments(self, node: cst.Call) -> Iterator[Change]:
        arguments = list(node.args)
        for i, argument in enumerate(arguments):
            keyword = argument.keyword.value if argument.keyword else ""
            if keyword:
                rest = [*arguments[:i], *arguments[i + 1 :]]
                if rest:
                    rest[-1] = rest[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
                yield f"{keyword} dropped", node, node.with_changes(args=rest)
            if keyword == "axis":
                for axis in ("0", "1", "-1"):
                    other = cst.parse_expression(axis)
                    yield "axis", argument, argument.with_changes(value=other)
            last = i + 1 == len(arguments)
            if keyword or last or argument.star or _called(node) in COMMUTATIVE:
                continue
            following = arguments[i + 1]
            if following.keyword or following.star:
                continue
            swapped = [*arguments]
            swapped[i] = argument.with_changes(value=following.value)
            swapped[i + 1] = following.with_changes(value=argument.value)
            yield "arguments swapped", node, node.with_changes(args=swapped)

    def tuple(self, node: cst.Tuple, parent: cst.CSTNode) -> Iterator[Change]:
        items = list(node.elements)
        for i in range(len(items) - 1):
            swapped = [*items]
            swapped[i] = items[i].with_changes(value=items[i + 1].value)
            swapped[i + 1] = items[i + 1].with_changes(value=items[i].value)
            yield "items swapped", node, node.with_changes(elements=swapped)
        if isinstance(parent, cst.Return):
            for item in items:
                yield from _negations(item.value)

    # -- what is known of names

    def _is_module(self, node: cst.BaseExpression) -> bool:
        while isinstance(node, cst.Attribute):
            node = node.value
        return isinstance(node, cst.Name) and node.value in self.modules

    def _is_input(self, node: cst.Name) -> bool:
        """Whether the name still stands for an array of the caller's."""
        lines = [line for name, line in self.bound if name == node.value]
        return node.value in self.arrays and not any(0 < line < self.lines[node] for line in lines)

    def _dimensions(self, node: cst.Name) -> int:
        if node.value in self.arrays:
            return self.arrays[node.value]
        local = any(name == node.value for name, _ in self.bound)
        return len(_axes(node.value)) if local else 0


def _parameters(function: cst.FunctionDef) -> list[cst.Param]:
    parameters = function.params
    return [*parameters.posonly_params, *parameters.params, *parameters.kwonly_params]


def _bound_names(
    function: cst.FunctionDef, lines: Mapping[cst.CSTNode, int]
) -> list[tuple[str, int]]:
    """Parameters and assigned names with their lines."""
    found = [(p.name.value, 0) for p in _parameters(function)]

    def visit(node: cst.CSTNode) -> None:
        targets: list[cst.BaseExpression] = []
        if isinstance(node, (cst.AssignTarget, cst.AugAssign, cst.For, cst.CompFor)):
            targets = [node.target]
        for target in targets:
            found.extend((name, lines[node]) for name in _target_names(target))
        for child in node.children:
            visit(child)

    visit(function.body)
    return found


def _target_names(target: cst.BaseExpression) -> list[str]:
    if isinstance(target, cst.Name):
        return [target.value]
    if isinstance(target, (cst.Tuple, cst.List)):
        return [n for element in target.elements for n in _target_names(element.value)]
    return []


def _axes(name: str) -> str:
    """The axes that a name carries: "BTD" of x_BTD."""
    found = re.search(r"_([A-Z][A-Z0-9]*)$", name)
    return found[1] if found else ""


def _is_docstring(line: cst.SimpleStatementLine) -> bool:
    first = line.body[0]
    return isinstance(first, cst.Expr) and isinstance(
        first.value, (cst.SimpleString, cst.ConcatenatedString)
    )


# --- building expressions


def _atom(node: cst.BaseExpression) -> cst.BaseExpression:
    """The expression in a form that can stand anywhere: in parentheses if need be."""
    if isinstance(node, COMPOUND) and not node.lpar:
        return node.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
    return node


def _closed(node: cst.BaseExpression, parent: cst.CSTNode) -> cst.BaseExpression:
    """The same, in parentheses unless `parent` is a place where none are needed."""
    return node if isinstance(parent, OPEN) else _atom(node)


def _fit(node: cst.BaseExpression, parent: cst.CSTNode) -> cst.BaseExpression:
    """A part that takes the place of its whole, without parentheses that it no longer needs."""
    if isinstance(parent, OPEN) and isinstance(node, COMPOUND) and len(node.lpar) == 1:
        return node.with_changes(lpar=[], rpar=[])
    return _closed(node, parent)


def _negations(node: cst.BaseExpression) -> Iterator[Change]:
    if isinstance(node, NEGATABLE) and _called(node) not in SIGNLESS:
        yield "sign", node, cst.UnaryOperation(cst.Minus(), _atom(node))


def _called(node: cst.BaseExpression) -> str:
    """The last name of the function that a call calls; "" of anything else."""
    if not isinstance(node, cst.Call):
        return ""
    if isinstance(node.func, cst.Attribute):
        return node.func.attr.value
    return node.func.value if isinstance(node.func, cst.Name) else ""


def _nudged(node: cst.Integer | cst.Float) -> list[cst.BaseExpression]:
    if isinstance(node, cst.Integer):
        value = int(node.value, 0)
        return [_number(value + 1), _number(value - 1)]
    number = float(node.value)
    if number != 0 and abs(number) < 0.1:  # an eps
        return [_number(number * 100), _number(0.0)]
    return [_number(number + 1), _number(number / 2 if number else -1.0)]


def _number(value: float) -> cst.BaseExpression:
    return cst.parse_expression(repr(value))


def _tight() -> cst.AssignEqual:
    return cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace(""))


def _call(name: str, *args: cst.BaseExpression, **kwargs: cst.BaseExpression) -> cst.Call:
    named = [cst.Arg(v, keyword=cst.Name(k), equal=_tight()) for k, v in kwargs.items()]
    return cst.Call(cst.parse_expression(name), [*map(cst.Arg, args), *named])


def _einsum(node: cst.Call) -> Iterator[Change]:
    """Two neighbouring letters of one term change places."""
    pattern = node.args[0].value if node.args else None
    if not isinstance(pattern, cst.SimpleString):
        return
    text = pattern.value
    for i in range(len(text) - 1):
        a, b = text[i], text[i + 1]
        if a.isalpha() and b.isalpha() and a != b:
            yield "einsum", pattern, cst.SimpleString(text[:i] + b + a + text[i + 2 :])
