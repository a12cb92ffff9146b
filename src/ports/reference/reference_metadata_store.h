// A metadata store in memory, which asks the reference evaluator about every document: slow, obvious, and gone
// with the process. The truth that other stores are tested against. It can do all but relevance.
#pragma once

#include <memory>

#include "ports/metadata_store.h"

namespace seshat::reference {

std::unique_ptr<MetadataStore> MakeReferenceMetadataStore();

}  // namespace seshat::reference
