"""What Canvas and Moodle call the columns of their lists of people, in a teacher's language.

The words are those of Moodle's own language packs (`assign.php`, `moodle.php`): Arabic, Chinese,
Dutch, English, French, German, Italian, Japanese, Portuguese, Russian and Spanish. Where a pack has
changed a word, both are here.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

HEADINGS: Mapping[str, tuple[str, ...]] = {
    "number": (
        "Identifier", "ID", "Identificador", "Identifiant", "Identificativo", "Identificatie",
        "Идентификатор", "标识符", "識別碼", "المُعرَّف",
    ),
    "id": (
        "SIS User ID", "SIS Login ID", "ID number", "Username", "Login", "ID-Nummer", "Anmeldename",
        "Número de ID", "Numéro d'identification", "Nom d'utilisateur", "Número de identificação",
        "Codice identificativo", "Nummer (ID)", "Индивидуальный номер", "学号", "IDナンバー",
    ),
    "email": (
        "Email address", "Email", "E-Mail-Adresse", "Dirección de correo", "Endereço de email",
        "Adresse de courriel", "Адрес электронной почты", "Email地址",
    ),
    "name": (
        "Student", "Full name", "Name", "Vollständiger Name", "Nombre completo", "Nom complet",
        "Nome completo", "Volledige naam", "Полное имя", "全名", "フルネーム", "الاسم كاملا",
    ),
    "first name": (
        "First name", "FirstName", "Vorname", "Nombre", "Prénom", "Nome", "Voornaam", "Имя", "名",
        "الاسم الأول",
    ),
    "last name": (
        "Last name", "Surname", "LastName", "Nachname", "Apellido(s)", "Nom", "Фамилия", "姓",
    ),
    "time": (
        "Last modified (submission)", "Zuletzt geändert (Abgabe)", "Última modificación (entrega)",
        "Dernière modification (travail remis)", "Última modificação (envio)",
        "Ultima modifica (consegna)", "Laatst gewijzigd (inzending)", "Последнее изменение (ответ)",
        "上次修改（作业）", "最后修改（学生）", "最終更新日時 (提出)", "آخر تعديل (التسليم)",
    ),
}  # fmt: skip


def plain_heading(heading: str) -> str:
    """A heading as it is compared: signs for vowels and accents may be left out."""
    letters = unicodedata.normalize("NFKD", heading.strip().replace("’", "'").casefold())
    return " ".join("".join(c for c in letters if not unicodedata.combining(c)).split())
