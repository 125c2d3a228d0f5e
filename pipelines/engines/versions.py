"""Says in one sentence that an engine's workers run another Python or Beam than the machine that built the pipeline."""

import re

from xlnet_data.errors import WorkerError

_ENVIRONMENTS = re.compile(r"(Submission|Runtime) environment: \S*python([\d.]+)_sdk:([\w.]*\w)")


def explain_versions(text: str) -> WorkerError | None:
    """Return the named error if Beam found other versions on a worker, else None.

    Args:
        text: What a job failed with, or its log.

    >>> base = "environment: beam:version:sdk_base:apache/beam_python"
    >>> print(explain_versions(f"Submission {base}3.11_sdk:2.77.0. Runtime {base}3.12_sdk:2.77.0."))
    the workers run Python 3.12 and Beam 2.77.0, this machine Python 3.11 and Beam 2.77.0: both must be the same; \
start the build with the workers' image, or make an image with this machine's versions
    """
    found = {kind: (python, beam) for kind, python, beam in _ENVIRONMENTS.findall(text)}
    if len(found) < 2:
        return None
    (here, beam_here), (there, beam_there) = found["Submission"], found["Runtime"]
    return WorkerError(
        f"the workers run Python {there} and Beam {beam_there}, this machine Python {here} and Beam {beam_here}: both "
        "must be the same; start the build with the workers' image, or make an image with this machine's versions"
    )
