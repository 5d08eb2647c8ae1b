#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes a frozen ResNet50 v1.5 (fp32, 102 MB) with seeded weights, in the two forms that batch normalisation comes in.

usage: make_resnet50.py decomposed|fused FILE

`decomposed` is what TF1's layers and Keras freeze to (Mul, Sub, Rsqrt, AddV2); `fused` has FusedBatchNormV3. Weights, like the
variables of a frozen graph, stand behind an Identity.
"""
import sys

import numpy as np
import tensorflow as tf

tf1 = tf.compat.v1
random = np.random.RandomState(1)


def constant(name, value):
    return tf1.identity(tf1.constant(value.astype(np.float32), name=name), name=name + "/read")


def normalise(x, name, form):
    channels = int(x.shape[-1])
    gamma = constant(name + "/gamma", random.uniform(0.5, 1.0, channels))
    beta = constant(name + "/beta", random.uniform(-0.1, 0.1, channels))
    mean = constant(name + "/moving_mean", random.uniform(-0.1, 0.1, channels))
    variance = constant(name + "/moving_variance", random.uniform(0.5, 1.5, channels))
    if form == "fused":
        return tf1.nn.fused_batch_norm(x, gamma, beta, mean, variance, epsilon=1e-5, is_training=False, name=name)[0]
    with tf1.name_scope(name + "/batchnorm"):
        scale = tf.math.multiply(tf.math.rsqrt(tf.raw_ops.AddV2(x=variance, y=tf1.constant(1e-5)), name="Rsqrt"), gamma, name="mul")
        product = tf.math.multiply(x, scale, name="mul_1")
        shift = tf.math.subtract(beta, tf.math.multiply(mean, scale, name="mul_2"), name="sub")
        return tf.raw_ops.AddV2(x=product, y=shift, name="add_1")


def convolve(x, filters, size, stride, name, form, relu=True):
    channels = int(x.shape[-1])
    deviation = np.sqrt(2.0 / (size * size * channels))
    weights = constant(name + "/kernel", random.normal(0, deviation, (size, size, channels, filters)))
    padding = "SAME"
    if stride == 2 and size > 1:
        margin = (size - 1) // 2
        x = tf1.pad(x, [[0, 0], [margin, size - 1 - margin], [margin, size - 1 - margin], [0, 0]])
        padding = "VALID"
    x = tf1.nn.conv2d(x, weights, strides=[1, stride, stride, 1], padding=padding, name=name)
    x = normalise(x, name + "_bn", form)
    return tf1.nn.relu(x, name=name + "_relu") if relu else x


def main():
    form, path = sys.argv[1], sys.argv[2]
    graph = tf1.Graph()
    with graph.as_default():
        x = tf1.placeholder(tf.float32, [None, 224, 224, 3], name="input")
        x = convolve(x, 64, 7, 2, "conv1", form)
        x = tf1.nn.max_pool2d(x, 3, 2, "SAME")
        for stage, (width, blocks) in enumerate([(64, 3), (128, 4), (256, 6), (512, 3)], 2):
            for block in range(blocks):
                stride = 2 if block == 0 and stage > 2 else 1
                name = f"stage{stage}/block{block}"
                shortcut = convolve(x, width * 4, 1, stride, name + "/shortcut", form, False) if block == 0 else x
                y = convolve(x, width, 1, 1, name + "/a", form)
                y = convolve(y, width, 3, stride, name + "/b", form)
                y = convolve(y, width * 4, 1, 1, name + "/c", form, False)
                x = tf1.nn.relu(tf1.add(y, shortcut), name=name + "/out")
        x = tf1.reduce_mean(x, [1, 2])
        x = tf1.matmul(x, constant("dense/kernel", random.normal(0, 0.01, (2048, 1001))))
        x = tf1.nn.bias_add(x, constant("dense/bias", random.uniform(-0.1, 0.1, 1001)))
        tf1.nn.softmax(x, name="predict")
    with open(path, "wb") as file:
        file.write(graph.as_graph_def().SerializeToString())


main()
