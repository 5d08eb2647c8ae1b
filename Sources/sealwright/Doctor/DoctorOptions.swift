// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// What the doctor is to look at beside the machine itself.
struct DoctorOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The model that is to be served: a version's folder or a model folder.", valueName: "dir"))
    var model: String?

    @Option(help: ArgumentHelp("A folder that `tls issue` made.", valueName: "dir"))
    var tls: String?

    @Option(name: .customLong("key"), help: ArgumentHelp("A key's file, such as the wrap key; repeat for more.", valueName: "file"))
    var keys: [String] = []

    @Option(help: ArgumentHelp("The broker's decision log.", valueName: "file"))
    var log: String?

    @Option(name: .customLong("tensorflow-library"), help: "TensorFlow's library, if it is not where `make tensorflow` puts it.")
    var tensorFlowLibrary: String?
}
