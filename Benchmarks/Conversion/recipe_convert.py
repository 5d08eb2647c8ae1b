#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Converts a frozen graph as the original recipe does: optimize_for_inference, then SavedModelBuilder. The peer of `model convert`.

usage: recipe_convert.py GRAPH FOLDER
"""
import sys

import tensorflow as tf
from tensorflow.python.tools import optimize_for_inference_lib

tf1 = tf.compat.v1


def main():
    source, folder = sys.argv[1], sys.argv[2]
    graph_def = tf1.GraphDef()
    with open(source, "rb") as file:
        graph_def.ParseFromString(file.read())
    graph_def = optimize_for_inference_lib.optimize_for_inference(
        graph_def, ["input"], ["predict"], tf.float32.as_datatype_enum, True)
    graph = tf1.Graph()
    with graph.as_default():
        tf1.import_graph_def(graph_def, name="")
        with tf1.Session(graph=graph) as session:
            signature = tf1.saved_model.signature_def_utils.predict_signature_def(
                inputs={"input": graph.get_tensor_by_name("input:0")}, outputs={"predict": graph.get_tensor_by_name("predict:0")})
            builder = tf1.saved_model.builder.SavedModelBuilder(folder)
            builder.add_meta_graph_and_variables(
                session, [tf1.saved_model.tag_constants.SERVING], signature_def_map={"serving_default": signature})
            builder.save()


main()
