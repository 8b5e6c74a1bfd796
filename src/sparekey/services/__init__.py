"""AWS services as state machines over records; a service imports no other service.

``operation`` is what an operation is, and what it may use (:class:`~sparekey.services.operation.Call`). ``cloudtrail``,
``iam``, ``organizations`` and ``sts`` are services, each a table of operations; ``directory`` and ``documents`` are
what they share: records, and the grammar of policy documents.
"""
