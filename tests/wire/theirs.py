"""What botocore itself does, to hold the wire against: its models, serializer and parser."""

from botocore import xform_name  # type: ignore[import-untyped] # botocore has no annotations
from botocore.loaders import Loader  # type: ignore[import-untyped] # botocore has no annotations
from botocore.model import ServiceModel as TheirModel  # type: ignore[import-untyped] # botocore has no annotations
from botocore.parsers import create_parser  # type: ignore[import-untyped] # botocore has no annotations
from botocore.serialize import create_serializer  # type: ignore[import-untyped] # botocore has no annotations
from botocore.utils import percent_encode_sequence  # type: ignore[import-untyped] # botocore has no annotations

__all__ = ["Loader", "TheirModel", "create_parser", "create_serializer", "percent_encode_sequence", "xform_name"]
