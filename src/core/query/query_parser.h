// The query language as people type it, into a tree. docs/formats/query.md has the language.
//
// Hand-written, no I/O, thread-safe; any bytes are answered with a tree or an error.
//
// What becomes what: clauses side by side are AND; NOT binds tighter than AND, AND tighter than OR.
//   word            Text kWord          "some words"    Text kPhrase, with ~N slop
//   wo*d, w?rd      Text kWildcard      word~, word~1   Text kFuzzy
//   /expr/          Text kRegex         *:*, *, empty   MatchAll
//   field:word      Text in the field; Compare kEqual where the word is a number or a date, or holds
//                   no letter or digit ("\5" asks for the word 5)
//   field:a b       AnyOf
//   field:(…)       the expression, every clause without a field of its own in this one
//   field:*, _exists_:field             Exists
//   field = value   Compare kEqual      field:="value"  Compare kExactly
//   field != value  Not of kEqual       field >= 5      Compare; a number or a date is needed
//   field:[a TO b}  Range               now-7d, now/M, 2026-11-23||+1d  a date (date_math.h)
// A backslash takes the next character literally.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "core/query/query.h"
#include "core/query/query_syntax.h"

namespace seshat::query {

// The tree passes CheckQuery. It holds no date math any more: what "now" was is fixed.
std::expected<Query, QuerySyntaxError> ParseQuery(std::string_view text, const ParseOptions& options = {});

// The tree in words of the language, for "Understood as: …". ParseQuery(PrintQuery(q)) == q for every q that
// ParseQuery made (and that prints within its limits).
std::string PrintQuery(const Query& query);

// A name before ':', and a text as a value after it, quoted where the parser would read something else.
std::string PrintField(std::string_view name);
std::string PrintValue(std::string_view text);

}  // namespace seshat::query
