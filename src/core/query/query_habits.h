// What people write who are used to another language, mostly SQL, and what it is in this one. Pure functions.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "core/query/query.h"

namespace seshat::query {

struct ForeignForm {
  size_t position = 0;  // of what does not belong here, in the text that was looked at
  std::string instead;  // a sentence: "Write rig:(a OR b)."
};

// `text` starts with a word that is a clause by itself, `word_end` bytes of it, whose name `word` might have been meant
// as a field: "rig IN (a, b)", "temp BETWEEN 5 AND 9", "rig IS NULL", "name LIKE 'a%'", "ORDER BY x", "LIMIT 5". Nothing
// where it is no such form; one that the language has, in its canonical print above all, never is.
std::optional<ForeignForm> FindForeignForm(std::string_view text, size_t word_end, std::string_view word);

// The same for the start of a whole query: "SELECT … WHERE rig = a", "WHERE rig = a".
std::optional<ForeignForm> FindForeignStart(std::string_view text);

// For a query that found nothing: what it would be had its words been meant as comparisons ("rig is a", "temp above
// 5"), its lists as alternatives ("rig:a,b"), "5..9" as a range, 2026 and 2026-11 as times, and null as nothing. The
// query itself where there is nothing of the kind.
Query AsProbablyMeant(const Query& query);

// The same with slips allowed in those words that are looked for everywhere and for which `allowed`.
Query WithSlipsAllowed(const Query& query, const std::function<bool(const Query& word)>& allowed);

}  // namespace seshat::query

namespace seshat {
using query::ForeignForm;
}  // namespace seshat
