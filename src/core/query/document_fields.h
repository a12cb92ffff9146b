// A session document as what queries see: a flat list of fields with values. Shared by the reference
// evaluator and by every metadata store, so that they index the same things.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/metadata/metadata.h"
#include "core/metadata/text_fold.h"
#include "core/query/query.h"
#include "core/query/session_document.h"
#include "core/query/value_compare.h"

namespace seshat::query {

enum class FieldKind {
  kMetadata,  // an entry of the metadata file
  kFixed,     // one of FixedFields()
  kKeyName,   // the name of a metadata key, as a value that texts without a field look at
};

struct FieldValue {
  FieldKind kind = FieldKind::kMetadata;
  std::string field;  // as written; kKeyName: empty
  MetadataValue value;
};

// All of them; a value may come twice. `processor` and `outcome` once for each result. Empty fixed fields
// (a session without a source, say) are left out: the session lacks the field.
std::vector<FieldValue> FieldValues(const SessionDocument& document);

// The values of the fields in a group (FieldAliases::Group), key names not among them.
std::vector<MetadataValue> ValuesOf(std::span<const FieldValue> values, std::span<const std::string> group);

// The names of the fixed fields, sorted.
std::span<const std::string_view> FixedFields();

// True where a Text without a field looks at this value: metadata values and keys, session_id, source, path.
bool IsFullText(FieldKind kind, std::string_view field);

// --- for "did you mean" ---

// Every field that a query names, folded names once each, in the order of the query.
std::vector<std::string> FieldsOf(const Query& query);
// The fields of `query` that are neither fixed nor among `known`.
std::vector<std::string> UnknownFields(const Query& query, std::span<const std::string> known);
// Up to `limit` names from `known` and the fixed fields that `name` may be a slip of, best first: names that
// begin so, slips of the pen, names that hold it as a part.
std::vector<std::string> SuggestFields(std::string_view name, std::span<const std::string> known, size_t limit = 3);

}  // namespace seshat::query

namespace seshat {
using query::FieldKind;
using query::FieldValue;
}  // namespace seshat
