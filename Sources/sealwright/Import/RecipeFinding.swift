// SPDX-License-Identifier: Apache-2.0

/// An unsafe setting of an existing deployment, and what was written instead.
struct RecipeFinding: Encodable {
    /// What kind of fault it is, in kebab case.
    let identifier: String
    /// The file in which it was found, relative to the deployment's folder.
    let file: String
    /// What was found.
    let message: String
    /// What was written instead, or what the owner has to do.
    let instead: String
}
