// What people probably meant where a query is not understood: one sentence for the error.
#pragma once

#include <string>
#include <string_view>

namespace seshat::query {

// A text where a number or a date is needed: "hot", "23.11.2026", "1,5", "yesterday". `field` and `sign` stand
// before it ("temp", ">"; a '[' for a range).
std::string HintForOrdering(std::string_view field, std::string_view sign, std::string_view text);

// The same for a bound of a range: "5,10", "5..10".
std::string HintForBound(std::string_view field, std::string_view text);

// `rest` is the query from a place where a clause should start, but none does.
std::string HintForClause(std::string_view rest);

// Empty, or what to write where `rest` starts with a sign that stands alone: "|", "&", ",".
std::string HintForListSign(std::string_view rest);

// Empty, or what to write for a field that no session has, whose name is a word for something else: "has:rig".
std::string HintForFieldName(std::string_view name);

// Empty, or what to write for a word in quotes of another kind ('…', “…”, „…“, «…»).
std::string HintForQuotes(std::string_view word);

}  // namespace seshat::query
