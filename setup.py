"""Compiles what is compiled; all else stands in pyproject.toml."""

from setuptools import Extension, setup

setup(
    ext_modules=[
        Extension(
            "xlnet_data.text._word_table",
            ["xlnet_data/text/_word_table.c"],
            py_limited_api=True,  # one wheel for all Pythons from 3.11 on
            optional=True,  # without a compiler the package installs all the same, and SentencePiece does all the work
        ),
        Extension(
            "xlnet_data.text._characters",
            ["xlnet_data/text/_characters.c"],
            py_limited_api=True,
            optional=True,  # without it every sentence is cleaned, whether it needs it or not
        ),
        Extension(
            "xlnet_data.text._plain_ends",
            ["xlnet_data/text/_plain_ends.c"],
            py_limited_api=True,
            optional=True,  # without it patterns look at every paragraph
        ),
        Extension(
            "xlnet_data.filters._words",
            ["xlnet_data/filters/_words.c"],
            py_limited_api=True,
            optional=True,  # without it NumPy finds the same words and what they repeat
        ),
        Extension(
            "xlnet_data.examples._span_keys",
            ["xlnet_data/examples/_span_keys.c"],
            extra_compile_args=["-ffp-contract=off"],  # float64 as NumPy's
            py_limited_api=True,
            optional=True,  # without it NumPy draws the same spans
        ),
        Extension(
            "xlnet_data._seeds",
            ["xlnet_data/_seeds.c"],
            py_limited_api=True,
            optional=True,  # without it NumPy makes the same words
        ),
    ],
    options={"bdist_wheel": {"py_limited_api": "cp311"}},
)
