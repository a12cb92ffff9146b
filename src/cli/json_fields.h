// The documentation of --json, from the tables of the views.
#pragma once

#include <string_view>
#include <vector>

#include "cli/command.h"
#include "views/field_table.h"

namespace seshat::cli {

// A row for each field, and behind it for each field of what is in it: "hits", "hits[].session_id". Of a thing that
// is printed in one case of several, `when` says so ("with --hygiene: "), and its fields may be left out.
std::vector<JsonField> JsonFieldsOf(const views::Table& table, std::string_view when = "");

// One behind the other.
std::vector<JsonField> Joined(std::vector<JsonField> first, const std::vector<JsonField>& second);

}  // namespace seshat::cli
