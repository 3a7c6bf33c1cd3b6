"""What an agent types about a letter."""

from normandata.ui.fields import DayField
from normandata.ui.forms import Form


class PostalForm(Form):
    """The day that a letter was delivered by post, as its receipt says."""

    day = DayField(label="Jour de réception", help_text="Comme l’avis de réception le porte, par exemple 12/05/2027.")
