// The files of a session that its document does not list (a document lists the first ones only).
#pragma once

#include <functional>
#include <stop_token>

#include "core/base/error.h"
#include "core/query/session_document.h"
#include "ports/blob_store.h"
#include "services/catalog/session_storage.h"

namespace seshat::catalog {

// Some files at a time, as a document that has nothing but the session's id, these files and their results. States are
// unknown: they are not looked at for files beyond the document.
using EachPart = std::function<void(const SessionDocument& part, const SessionStorage& storage)>;

// In the order of their paths, read from the manifest that the document was made from; nothing where the document lists
// all. Holds the session's receipts and a part of its files. kDataLoss for a damaged manifest; kCancelled; what the store
// answers.
Status ForEachFurtherPart(BlobStore& store, const SessionDocument& document, const EachPart& each,
                          const std::stop_token& stop);

}  // namespace seshat::catalog
