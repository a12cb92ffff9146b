// Finding a session by its id.
#pragma once

#include <string>

#include "core/base/error.h"
#include "ports/metadata_store.h"

namespace seshat::catalog {

// kNotFound for `id`, naming the nearest id that there is. Reads ids from the index; where it cannot be asked, none is
// named.
Error NoSuchSession(MetadataStore& index, const std::string& id);

// The session as the index has it. kNotFound as above; otherwise the errors of the index.
Result<SessionDocument> FindSession(MetadataStore& index, const std::string& id);

}  // namespace seshat::catalog
