"""What the models are known to answer. The values come from TensorFlow itself (see the README of the models' folder)."""

import dataclasses

from client import example, floats, strings

PROGRAMS = {
    "py": "import os\nimport sys\n\ndef main(arguments):\n    for name in arguments:\n        print(os.path.join(name, 'x'))\n\n"
          "if __name__ == '__main__':\n    main(sys.argv[1:])\n",
    "c": "#include <stdio.h>\n#include <stdlib.h>\n\nint main(int argc, char *argv[]) {\n    char *p = malloc(16);\n    if (p == NULL) return 1;\n"
         "    printf(\"%s\\n\", argv[0]);\n    free(p);\n    return 0;\n}\n",
    "sh": "#!/bin/bash\nset -euo pipefail\nfor file in \"$@\"; do\n    if [ -f \"$file\" ]; then\n        echo \"$file\" | sed 's/a/b/'\n    fi\ndone\n",
}


@dataclasses.dataclass
class Answer:
    title: str
    inputs: dict
    output: str
    shape: list
    values: list
    signature: str = ""


@dataclasses.dataclass
class Model:
    name: str
    version: int
    answers: list
    metadata: str = ""


def half_plus_two(*more):
    return [Answer("x=[[1],[2],[5]]", {"x": floats([1, 2, 5], [3, 1])}, "y", [3, 1], [2.5, 3.0, 4.5]), *more]


def of_example(signature, output, value):
    return Answer(f"{signature} of Example{{x:4}}", {"inputs": strings([example(4)], [1])}, output, [1, 1], [value], signature)


REGRESS_X2 = Answer("regress_x2_to_y3", {"inputs": floats([4], [1, 1])}, "outputs", [1, 1], [5.0], "regress_x2_to_y3")
EXAMPLES = [of_example("regress_x_to_y", "outputs", 4.0), of_example("regress_x_to_y2", "outputs", 5.0),
            of_example("classify_x_to_y", "scores", 4.0)]
ONE = Answer("x=[[4]]", {"x": floats([4], [1, 1])}, "y", [1, 1], [4.0])
MATRIX = Answer("a 3x3 matrix", {"x": floats(range(1, 10), [1, 3, 3])}, "y", [1, 3, 3], [2.5, 3, 3.5, 4, 4.5, 5, 5.5, 6, 6.5])
MKL = Answer("x of [1,10,10,1]", {"x": floats([1, 2, 5] + [0] * 97, [1, 10, 10, 1])}, "y", [1, 10, 10, 1], [2.5, 3.0, 4.5, 2.0])

KNOWN = [
    Model("half_plus_two_cpu", 123, half_plus_two(REGRESS_X2, *EXAMPLES), "half_plus_two_model_metadata.json"),
    Model("half_plus_two_2_versions", 124, half_plus_two(REGRESS_X2), "saved_model_half_plus_two_2_versions_metadata.json"),
    Model("half_plus_two_cpu_with_saved_model_config", 123, [ONE]),
    Model("half_plus_two_cpu_with_empty_saved_model_config", 123, [ONE]),
    Model("half_plus_two_mlmd", 123, [ONE]),
    Model("half_plus_two_mkl", 123, [MKL]),
    Model("half_plus_two_tf2_cpu", 123, [
        Answer("x=[1]", {"x": floats([1], [1])}, "y", [1], [2.5]),
        of_example("classify_x_to_y", "scores", 4.0),
        of_example("regress_x_to_y2", "outputs", 5.0),
        Answer("regress_x2_to_y3", {"inputs": floats([4], [1])}, "outputs", [1], [5.0], "regress_x2_to_y3"),
    ]),
    Model("half_plus_two_gpu", 123, half_plus_two()),
    Model("half_plus_two_gpu_trt", 123, half_plus_two()),
    Model("half_plus_three", 123, [
        Answer("x=[1,2,5]", {"x": floats([1, 2, 5], [3])}, "y", [3], [3.5, 4.0, 5.5]),
        Answer("a scalar", {"x": floats([4], [])}, "y", [], [5.0]),
        of_example("tensorflow/serving/regress", "outputs", 5.0),
    ]),
    Model("counter", 123, [
        Answer("starts at 0", {}, "output", [], [0.0], "get_counter"),
        Answer("counts by 2.5", {"delta": floats([2.5], [])}, "output", [], [2.5], "incr_counter_by"),
        Answer("and again", {"delta": floats([2.5], [])}, "output", [], [5.0], "incr_counter_by"),
        Answer("and by 1", {}, "output", [], [6.0], "incr_counter"),
        Answer("and back to 0", {}, "output", [], [0.0], "reset_counter"),
    ]),
    Model("matrix_half_plus_two", 1, [MATRIX]),
]
