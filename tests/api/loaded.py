"""Everything a server imports, with its routes ready: what servers are forked from."""

from fastapi.routing import iter_route_contexts

import api.cli
import api.http.serving
from api.http.app import _routes
from tests.api.patient import be_patient

__all__ = ["api"]

be_patient()
list(iter_route_contexts(_routes()))
