"""Run a model over texts: from texts to `nlp.classifier.Scores`, hop by hop.

::

    texts
      │  Transformer.classify            nlp/transformer/transformer.py
      │  Tokenizer.prepare_ahead         nlp/transformer/tokenize.py, in a thread of its own
      ▼
    slices of token windows              32 texts first, then up to 256; one slice is prepared
      │                                  while the model works on the slice before
      │  BatchRunner.begin               runner.py
      │  in_batches                      batching.py: windows of similar length, within a budget
      ▼
    batches of token ids
      │  SingleCorePool.map              single_core_pool.py: one batch a core on a CPU
      │  halve_on_oom                    batching.py: a batch that does not fit is halved
      │  LoadedModel.forward             runtime.py; torch_runtime.py and openvino_runtime.py
      ▼
    rows of logits                       one row a window, back in the order of the windows
      │  Transformer._finish             mean over a text's windows, n-gram margins, calibration
      ▼
    Scores

Everything in this folder but ``torch_runtime.py`` with ``padding.py`` and ``int8.py``, and
``openvino_runtime.py`` with its graph and its cache, knows only the protocols of ``runtime.py``.
docs/how-to/add-a-model-runtime.md says how to add another runtime.
"""
