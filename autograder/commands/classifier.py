"""`attn train`, `evaluate` and `predict`: a classifier of one's own, from data to its attention."""

from __future__ import annotations

import os
import time
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from autograder.commands.base import (
    JsonFlag,
    app,
    console,
    errors,
    print_json,
    progress_bar,
    refuse_unwritable,
)
from autograder.errors import AttnError

if TYPE_CHECKING:
    from attnkit.classifier.config import Config

    from autograder.classifying.datasets import TrainingData
    from autograder.classifying.run_folder import RunFolder, Settings

ModelOption = Annotated[Path, typer.Option("--model", help="The folder that `attn train` made.")]


@app.command()
def train(
    data: Annotated[str, typer.Option(help="mr, imdb, or a CSV file with the columns text,label.")],
    out: Annotated[Path, typer.Option(help="The model's folder; the same command goes on in it.")],
    imdb_full: Annotated[
        Path | None,
        typer.Option(help="For imdb: the official archive aclImdb_v1.tar.gz, or a CSV of it."),
    ] = None,
    validation: Annotated[
        Path | None,
        typer.Option(help="A CSV file to choose the epoch by; default: a tenth of the data."),
    ] = None,
    device: Annotated[
        Literal["auto", "cpu", "gpu"], typer.Option(help="auto: a GPU if there is one.")
    ] = "auto",
    preset: Annotated[
        Literal["small", "best"],
        typer.Option(help="small: sentences, in a minute; best: whole reviews."),
    ] = "small",
    seed: Annotated[int, typer.Option(min=0, help="Another seed gives another model.")] = 0,
    epochs: Annotated[int | None, typer.Option(min=1, help="Instead of the preset's.")] = None,
    mixed_precision: Annotated[
        bool, typer.Option(help="Multiply in bfloat16: faster on recent GPUs.")
    ] = False,
    deterministic: Annotated[
        bool, typer.Option(help="On a GPU: the same command gives the same model, a bit slower.")
    ] = True,
    tensorboard: Annotated[
        bool, typer.Option("--tensorboard", help="Write logs for TensorBoard into OUT/tensorboard.")
    ] = False,
) -> None:
    """Train an attention classifier on reviews that are labelled as praise or blame.

    It can be stopped at any time, even killed: the same command goes on, to the same result.
    KERAS_BACKEND=jax (or torch) trains on another backend than TensorFlow.

    Example: attn train --data mr --preset small --out my-model
    """
    from attnkit.classifier.config import PRESETS

    from autograder.classifying.datasets import Source, describe, training_data
    from autograder.classifying.keras_here import backend_named
    from autograder.classifying.run_folder import RunFolder, Settings

    if imdb_full is not None and data != "imdb":
        raise AttnError("--imdb-full goes with --data imdb only.")
    config = PRESETS[preset].replace(seed=seed, mixed_precision=mixed_precision)
    if epochs is not None:
        config = config.replace(epochs=epochs)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    source = Source(_named(data), _absolute(imdb_full), _absolute(validation))
    found = training_data(source)
    for note in found.notes:
        errors.print(note, style="yellow", markup=False, highlight=False, soft_wrap=True)
    folder = RunFolder(out)
    settings = Settings(preset, config.to_json(), describe(found), backend_named()[0])
    with folder.locked():
        goes_on = folder.goes_on(settings)
        _report_device(device, deterministic)
        if goes_on:
            errors.print(f"Going on with the training in {out}.", markup=False, highlight=False)
        try:
            if not goes_on:
                folder.begin(settings)
            _train(folder, found, settings, config, tensorboard)
        except KeyboardInterrupt:
            errors.print("\nStopped. The same command goes on from there.")
            raise typer.Exit(130) from None
        except OSError as error:
            raise AttnError(
                f"{error.filename or out} can't be written ({error.strerror}): nothing is lost; "
                "mend it and run the same command again."
            ) from None


def _report_device(device: str, deterministic: bool) -> None:
    """Say what was found and what will be used, before anything else takes time."""
    from attnkit.classifier.devices import device_report, same_every_time

    from autograder.classifying.keras_here import naming_the_backend

    try:
        with errors.status("Looking for devices …"), naming_the_backend():
            if deterministic and device != "cpu":
                same_every_time()
            report = device_report(device)
    except RuntimeError as error:
        raise AttnError(f"{error}: use --device cpu, or see `attn doctor`.") from None
    _use_keras()
    errors.print(str(report), markup=False, highlight=False, soft_wrap=True)


def _train(
    folder: RunFolder, data: TrainingData, settings: Settings, config: Config, tensorboard: bool
) -> None:
    """Train in the folder, save the model, say how good it is."""
    import numpy as np
    from attnkit.classifier.checkpoint import CheckpointError
    from attnkit.classifier.training import Step, forget
    from attnkit.classifier.training import train as train_classifier
    from attnkit.files import write_json

    from autograder.classifying.datasets import text_keys
    from autograder.classifying.measures import score

    started = time.monotonic()
    folder.keep_keys(np.concatenate([text_keys(data.train["text"]),
                                     text_keys(data.validation["text"])]))  # fmt: skip
    errors.print(
        f"{len(data.train):,} reviews to train on, {len(data.validation):,} to choose the epoch "
        "by.",
        highlight=False,
    )
    with progress_bar() as bar:
        task = bar.add_task("Reading", total=None)

        def watch(step: Step) -> None:
            many = f"model {step.member} of {config.members}, " if config.members > 1 else ""
            bar.update(
                task,
                description=f"Training ({many}epoch {step.epoch} of {config.epochs} at most)",
                total=step.steps * config.epochs,
                completed=step.steps * (step.epoch - 1) + step.step,
            )
            if step.logs:
                errors.print(_epoch_line(step, many), markup=False, highlight=False)

        try:
            classifier, history = train_classifier(
                data.train["text"].tolist(), data.train["label"],
                data.validation["text"].tolist(), data.validation["label"],
                config, folder.path, watch=watch, tensorboard=tensorboard,
            )  # fmt: skip
        except CheckpointError as error:
            raise AttnError(
                f"The training in {folder.path} can't go on ({error}): delete the folder and train "
                "again."
            ) from None
    y_N = data.validation["label"].to_numpy()
    p_N = classifier.predict(data.validation["text"].tolist())
    found = score("validation", y_N, p_N >= 0.5)
    classifier.save(folder.path)
    write_json(folder.path / "history.json", history)
    seconds = round(time.monotonic() - started, 1)
    folder.finish(settings, {"validation": found.to_json(), "seconds": seconds})
    forget(folder.path, config.members)
    console.print(
        f"Validation accuracy {found.accuracy:.1%} (95 % interval {found.low:.1%} to "
        f"{found.high:.1%}), after {seconds:.0f} s. The model is in {folder.path}.",
        markup=False, highlight=False, soft_wrap=True,
    )  # fmt: skip
    trained_on = data.source.full or data.source.name
    shown, source = quote(str(folder.path)), quote(trained_on)
    console.print(
        f"Try it: attn predict --model {shown} \"a lovely film\"\n"
        f"        attn evaluate --model {shown} --data {source}",
        markup=False, highlight=False, soft_wrap=True,
    )  # fmt: skip


def _epoch_line(step: object, many: str) -> str:
    from attnkit.classifier.training import Step

    assert isinstance(step, Step)
    logs = step.logs
    return (
        f"{many}epoch {step.epoch}: loss {logs['loss']:.3f}, validation loss "
        f"{logs['val_loss']:.3f}, validation accuracy {logs['val_accuracy']:.1%}"
    )


@app.command()
def evaluate(
    model: ModelOption,
    data: Annotated[
        str, typer.Option(help="A CSV file with text,label; or mr or imdb, for their test parts.")
    ],
    baselines: Annotated[
        bool, typer.Option(help="Also train the simpler models on the same training data.")
    ] = True,
    as_json: JsonFlag = False,
) -> None:
    """Judge a model by reviews that it has not seen, beside two simpler ways to predict.

    Texts that it was trained on are left out, and counted. The baselines are the commonest label,
    and logistic regression on TF-IDF of words and pairs of words.

    Example: attn evaluate --model my-model --data reviews.csv --json
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from autograder.classifying.evaluate import evaluate as evaluated

    with errors.status("Reading, predicting, and training the simpler models …"):
        _use_keras()
        found = evaluated(model, _named(data), baselines)
    if as_json:
        print_json(found.to_json())
    else:
        from autograder.classifying.views import show_evaluation

        show_evaluation(found, console)


@app.command()
def predict(
    texts: Annotated[list[str], typer.Argument(metavar="TEXT…", help="What to read.")],
    model: ModelOption,
    html: Annotated[
        Path | None, typer.Option(help="Also write a page with every head's weights.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Say whether texts are praise or blame, and show what each head looks at.

    Example: attn predict --model my-model "not a good film, but a lovely one" --html heads.html
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    from autograder.classifying.evaluate import load
    from autograder.classifying.page import Read, make_page
    from autograder.classifying.views import heat_strip, verdict

    refuse_unwritable(html)
    with errors.status("Loading the model …"):
        _use_keras()
        classifier = load(model)
        reads = []
        for text, p in zip(texts, classifier.predict(texts), strict=True):
            if not classifier.vocabulary.tokenise(text):
                raise AttnError(f'There is no word in "{text}": give a text with words.')
            words, w_HT = classifier.attention(text)
            reads.append(Read(text, float(p), tuple(words), w_HT, tuple(classifier.unknown(text))))
    if as_json:
        print_json(
            [
                {"text": read.text, "praise": read.p, "words": read.words,
                 "weights": [[round(float(w), 6) for w in row] for row in read.weights],
                 "unknown": read.unknown}
                for read in reads
            ]
        )  # fmt: skip
    else:
        for read in reads:
            console.print(read.text, markup=False, highlight=False)
            console.print(f"{verdict(read.p)}", style="bold", markup=False, highlight=False)
            if read.unknown:
                console.print(
                    f"not met in training, or too seldom: {', '.join(dict.fromkeys(read.unknown))}",
                    style="dim", markup=False, highlight=False,
                )  # fmt: skip
            heat_strip(read.words, read.weights, console)
    if html is not None:
        from autograder.files import write_durably

        try:
            write_durably(html, make_page(str(model), reads))
        except OSError as error:
            raise AttnError(f"{html} can't be written: {error.strerror}.") from None
        errors.print(f"The page is {html}.", markup=False, highlight=False)


def _use_keras() -> None:
    from autograder.classifying.keras_here import use_keras

    note = use_keras()
    if note:
        errors.print(note, style="yellow", markup=False, highlight=False, soft_wrap=True)


def _named(data: str) -> str:
    """A named data set, or a file's absolute path."""
    return data if data in ("mr", "imdb") else str(Path(data).expanduser().absolute())


def _absolute(path: Path | None) -> str:
    return "" if path is None else str(path.expanduser().absolute())
