// A search as a tree. Adapters compile it to their engine's language; user text never reaches an engine's own
// parser.
//
// Fields are metadata keys, compared without regard to case, or one of the fixed fields: session_id, source,
// state, metadata_state, started_at, ended_at, migrated_at, bytes, file_count, path, processor, outcome. A
// session with several values for a field matches when any of them does (both bounds of a Range: the same
// one). A metadata key that has the name of a fixed field is searched together with it. Not() matches
// sessions that lack the field.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/metadata/metadata.h"

namespace seshat::query {

struct Query;

struct MatchAll {
  bool operator==(const MatchAll&) const = default;
};

struct AllOf {
  std::vector<Query> clauses;
  bool operator==(const AllOf&) const;
};

struct AnyOf {
  std::vector<Query> clauses;
  bool operator==(const AnyOf&) const;
};

struct Not {
  std::vector<Query> clause;  // exactly one; a vector because Query is not complete here
  bool operator==(const Not&) const;
};

enum class CompareOp { kEqual, kExactly, kLess, kLessOrEqual, kGreater, kGreaterOrEqual };

// kEqual: a number equals numbers, a date dates, or its text equals texts, without regard to case. kExactly:
// the text, byte for byte. The orderings look at numbers and dates only (whichever the literal is) and never
// at text. Units, integers beyond 2^53 and whole days: value_compare.h.
struct Compare {
  std::string field;
  CompareOp op = CompareOp::kEqual;
  MetadataValue value;
  bool operator==(const Compare&) const = default;
};

struct Bound {
  MetadataValue value;
  bool inclusive = true;
  bool operator==(const Bound&) const = default;
};

struct Range {
  std::string field;
  std::optional<Bound> low;  // absent: open
  std::optional<Bound> high;
  bool operator==(const Range&) const = default;
};

struct Exists {
  std::string field;
  bool operator==(const Exists&) const = default;
};

enum class TextMatch { kWord, kPhrase, kWildcard, kFuzzy, kRegex };

// Full text. Without a field: all metadata values and keys, paths, the source and the session id. What a word
// is: text_fold.h; what matches: text_match.h. A phrase or several words lie in one value.
struct Text {
  std::optional<std::string> field;
  TextMatch match = TextMatch::kWord;
  std::string text;
  int distance = -1;  // kFuzzy: edits, -1 is automatic by length; kPhrase: slop
  bool operator==(const Text&) const = default;
};

struct Query {
  std::variant<MatchAll, AllOf, AnyOf, Not, Compare, Range, Exists, Text> node;
  double boost = 1.0;
  bool operator==(const Query&) const = default;
};

inline bool AllOf::operator==(const AllOf& other) const { return clauses == other.clauses; }
inline bool AnyOf::operator==(const AnyOf& other) const { return clauses == other.clauses; }
inline bool Not::operator==(const Not& other) const { return clause == other.clause; }

}  // namespace seshat::query

namespace seshat {
using query::AllOf;
using query::AnyOf;
using query::Bound;
using query::Compare;
using query::CompareOp;
using query::Exists;
using query::MatchAll;
using query::Not;
using query::Query;
using query::Range;
using query::Text;
using query::TextMatch;
}  // namespace seshat
