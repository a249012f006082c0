"""Where the frozen program begins."""

from kubectl_joblab.__main__ import main

main()
