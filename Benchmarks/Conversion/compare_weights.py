#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares what we folded with what TensorFlow's own optimize_for_inference folds, bit for bit.

usage: compare_weights.py RECIPE-FOLDER OUR-FOLDER
Both hold a SavedModel of one graph; ours has its big constants in variables or not.
"""
import sys

import numpy as np
import tensorflow as tf

tf1 = tf.compat.v1


def constants(folder):
    with tf1.Session(graph=tf1.Graph()) as session:
        tf1.saved_model.loader.load(session, ["serve"], folder)
        operations = session.graph.get_operations()
        names = [o.name for o in operations if o.type in ("Const", "ReadVariableOp") and o.name.endswith(("_weights", "_bn_offset"))]
        return dict(zip(names, session.run([name + ":0" for name in names])))


def main():
    theirs, ours = constants(sys.argv[1]), constants(sys.argv[2])
    if not theirs or set(theirs) != set(ours):
        sys.exit(f"error: {len(theirs)} folded constants of TensorFlow's, {len(ours)} of ours, under other names")
    different = [name for name in theirs if not np.array_equal(theirs[name].view(np.uint32), ours[name].view(np.uint32))]
    elements = sum(value.size for value in theirs.values())
    if different:
        sys.exit(f"error: {len(different)} of {len(theirs)} constants differ, such as {different[0]}")
    print(f"folded by us and by TensorFlow: {len(theirs)} constants, {elements} floats, every bit the same")


main()
