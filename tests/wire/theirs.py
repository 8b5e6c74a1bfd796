"""What botocore itself does, to hold the wire against: its models, serializer and parser."""

from botocore import xform_name
from botocore.loaders import Loader
from botocore.model import ServiceModel as TheirModel
from botocore.parsers import create_parser
from botocore.serialize import create_serializer
from botocore.utils import percent_encode_sequence

__all__ = ["Loader", "TheirModel", "create_parser", "create_serializer", "percent_encode_sequence", "xform_name"]
