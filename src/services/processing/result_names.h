// Where the outputs of a run lie below the result prefix, whatever names the processor gave them.
#pragma once

#include <string>
#include <string_view>

#include "core/base/error.h"
#include "core/records/blob_key.h"

namespace seshat::processing {

// What stands for an output's name in its key: EncodePath(name), or "output-<SHA-256 of the name>" for a name
// that is too long for a key or that could be taken for one of our own records: a segment "receipt.json" or
// "failure-…", a first segment "attempt-…" or "output-…". The receipt keeps the real name beside the key.
std::string OutputKeyName(std::string_view prefix, std::string_view name);

BlobKey ReceiptKey(const std::string& prefix);
BlobKey FailureKey(const std::string& prefix, unsigned number);  // from 1

}  // namespace seshat::processing
