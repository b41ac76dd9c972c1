"""Why a file is not taken, each with what to do instead."""

from engine.errors import Problem


class AttachmentEmpty(Problem):
    """There is nothing in the file, or nothing was drawn."""

    code, status = "attachment.empty", 422


class AttachmentTooLarge(Problem):
    """The file is larger than this place takes."""

    code, status = "attachment.too-large", 413
    limit: int


class AttachmentKind(Problem):
    """By its content it is no file of the kinds that this place takes, whatever its name says."""

    code, status = "attachment.kind", 422
    name: str
    accepted: str


class AttachmentDamaged(Problem):
    """It begins like a file of its kind and does not go on like one."""

    code, status = "attachment.damaged", 422
    name: str


class AttachmentUnsafe(Problem):
    """It holds something that only an attack puts there, or that runs by itself; `reason` names it."""

    code, status = "attachment.unsafe", 422
    name: str
    reason: str


class PictureTooLarge(Problem):
    """The picture has more dots than any camera of a phone makes."""

    code, status = "attachment.pixels", 422
    limit: int


class AttachmentsFull(Problem):
    """As many as may be are there already."""

    code, status = "attachment.full", 422
    limit: int


class AttachmentUnknown(Problem):
    """A value names a file that was never uploaded here."""

    code, status = "attachment.unknown", 422
    label: str
