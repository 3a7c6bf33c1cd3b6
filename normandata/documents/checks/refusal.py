"""A file that is not taken, and the sentence that says why and what to do."""

REDO = "Ouvrez-le, imprimez-le en PDF, puis envoyez ce nouveau fichier."
SAVE_AGAIN = "Ouvrez-le, enregistrez-le de nouveau, puis renvoyez-le."


class Refused(Exception):
    """A file is not taken. `message` is shown as it is: the cause, then the gesture."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def refuse(name: str, cause: str, gesture: str) -> Refused:
    """Build the refusal of a named file: `cause` completes « plan.pdf … »."""
    return Refused(f"{name} {cause}. {gesture}")


def broken(name: str) -> Refused:
    """Build the refusal of a file that cannot be read through."""
    return refuse(
        name, "est abîmé ou incomplet", "Ouvrez-le pour vérifier, enregistrez-le de nouveau, puis renvoyez-le."
    )
