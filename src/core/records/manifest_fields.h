// The JSON that a manifest shares with its head and its pages. Private to their codecs.
#pragma once

#include <string_view>
#include <vector>

#include "core/base/error.h"
#include "core/records/json_fields.h"
#include "core/records/manifest.h"

namespace seshat::records {

// All fields but the lists.
boost::json::object ManifestFieldsToJson(const Manifest& manifest, std::string_view format);
// The same; problems are noted in the reader. `format` is the caller's to check.
Manifest ManifestFieldsFromJson(json::Reader& reader);

// The lists; what is wrong inside an entry is the answer, and what is wrong with the lists is noted in the reader.
Status ManifestListsFromJson(json::Reader& reader, std::vector<ManifestFile>& files, std::vector<SkippedEntry>& skipped,
                             std::vector<std::string>& removed);

// A manifest of one object.
Result<Manifest> ManifestFromJson(const boost::json::value& value);

}  // namespace seshat::records
