#include "cli/search/fields_output.h"

#include <fmt/format.h>

#include <string>

#include "core/base/utf8.h"

namespace seshat::cli {
namespace {

// "PX4 (40), VESC (3)" in one line.
std::string ValuesText(const std::vector<FacetValue>& values) {
  constexpr size_t kLongest = 24;
  std::string out;
  for (const FacetValue& value : values) {
    std::string text = value.value;
    if (text.size() > kLongest) text = ReplaceInvalidUtf8(text.substr(0, kLongest)) + "…";
    out += fmt::format("{}{} ({})", out.empty() ? "" : ", ", EscapeForTerminal(text), value.count);
  }
  return out;
}

}  // namespace

void PrintFields(Console& console, const std::vector<FieldInfo>& fields) {
  TextTable table({"FIELD", "TYPE", "SESSIONS", "COVERAGE", "VALUES"});
  for (const FieldInfo& field : fields) {
    // More than one type is worth a look: --hygiene tells more.
    const bool disputed = catalog::TypesOf(field).size() > 1;
    table.Add({EscapeForTerminal(field.name), fmt::format("{}{}", metadata::FieldType(field), disputed ? " *" : ""),
               std::to_string(field.sessions), fmt::format("{:.0f} %", field.coverage * 100),
               ValuesText(field.top_values)});
  }
  console.Print(table.ToString({2, 3}));
}

std::string Reasons(const LikeKeys& like) {
  std::string out;
  for (const Likeness reason : like.reasons) {
    out += out.empty() ? "" : ", ";
    out += metadata::LikenessName(reason);
  }
  return out;
}

void PrintHygiene(Console& console, const catalog::Hygiene& hygiene) {
  const auto& [alike, conflicts] = hygiene;
  if (alike.empty()) console.Note("no two keys look alike");
  if (!alike.empty()) {
    console.PrintLine("Keys that look alike; where they mean the same, put the line into the configuration:\n");
    console.PrintLine("[search.aliases]");
  }
  for (const LikeKeys& like : alike) {
    std::string counts;
    for (const auto& key : like.keys)
      counts += fmt::format("{}{} {}", counts.empty() ? "" : ", ", EscapeForTerminal(key.name), key.sessions);
    console.PrintLine(fmt::format("{}  # {}: {}", catalog::AliasLine(metadata::AliasFor(like)), Reasons(like), counts));
  }
  if (conflicts.empty()) return console.Note("no key has values that do not go together");
  console.PrintLine("\nKeys whose values do not go together; all of them are searchable as what they are:\n");
  TextTable table({"FIELD", "CONFLICT", "SESSIONS"});
  for (const KeyConflict& conflict : conflicts)
    table.Add({EscapeForTerminal(conflict.name), std::string(catalog::KeyConflictName(conflict.what)),
               EscapeForTerminal(conflict.detail)});
  console.Print(table.ToString({}));
}

}  // namespace seshat::cli
