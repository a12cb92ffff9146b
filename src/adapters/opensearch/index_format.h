// The mapping and the settings of an index: docs/formats/opensearch.md. The number of fields is the same whatever
// users write.
#pragma once

#include <string>
#include <string_view>

namespace seshat::opensearch {

// Of the mapping and of what document_writer.h makes for it, kept in the mapping's _meta. Another number: the index has
// to be built anew.
inline constexpr int kIndexFormat = 2;

// The body of PUT _index_template/<alias>, for indices called "<alias>-<number>".
std::string IndexTemplate(std::string_view alias);

}  // namespace seshat::opensearch
