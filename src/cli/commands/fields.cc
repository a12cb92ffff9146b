#include <fmt/format.h>

#include "cli/commands/commands.h"
#include "cli/commands/common.h"
#include "cli/search/search_settings.h"
#include "composition/config/toml_file.h"
#include "core/base/utf8.h"
#include "core/metadata/key_hygiene.h"

namespace seshat::cli {
namespace {

constexpr size_t kUsualTopValues = 3;

std::vector<std::string> TypesOf(const FieldInfo& field) {
  std::vector<std::string> types;
  if (field.numbers > 0) types.emplace_back("number");
  if (field.dates > 0) types.emplace_back("date");
  if (field.booleans > 0) types.emplace_back("boolean");
  if (field.texts > 0) types.emplace_back("text");
  return types;
}

boost::json::array JsonOf(const std::vector<FacetValue>& values) {
  boost::json::array out;
  for (const FacetValue& value : values) out.push_back({{"value", value.value}, {"count", value.count}});
  return out;
}

boost::json::object JsonOf(const FieldInfo& field) {
  return {{"name", field.name},
          {"type", metadata::FieldType(field)},
          {"types", boost::json::value_from(TypesOf(field))},
          {"sessions", field.sessions},
          {"coverage", field.coverage},
          {"numbers", field.numbers},
          {"dates", field.dates},
          {"booleans", field.booleans},
          {"texts", field.texts},
          {"units", JsonOf(field.units)},
          {"top_values", JsonOf(field.top_values)}};
}

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

void PrintFields(Console& console, const std::vector<FieldInfo>& fields) {
  TextTable table({"FIELD", "TYPE", "SESSIONS", "COVERAGE", "VALUES"});
  for (const FieldInfo& field : fields) {
    // More than one type is worth a look: --hygiene tells more.
    const bool disputed = TypesOf(field).size() > 1;
    table.Add({EscapeForTerminal(field.name), fmt::format("{}{}", metadata::FieldType(field), disputed ? " *" : ""),
               std::to_string(field.sessions), fmt::format("{:.0f} %", field.coverage * 100),
               ValuesText(field.top_values)});
  }
  console.Print(table.ToString({2, 3}));
}

std::string AliasLine(const FieldAlias& alias) {
  std::string others;
  for (const std::string& other : alias.others) others += (others.empty() ? "" : ", ") + composition::TomlString(other);
  return fmt::format("{} = [{}]", composition::TomlString(alias.name), others);
}

std::string_view NameOf(KeyConflict::What what) {
  switch (what) {
    case KeyConflict::What::kTypes:
      return "types";
    case KeyConflict::What::kUnits:
      return "units";
    case KeyConflict::What::kMissingUnits:
      return "missing units";
  }
  return "";
}

std::string Reasons(const LikeKeys& like) {
  std::string out;
  for (const Likeness reason : like.reasons) {
    out += out.empty() ? "" : ", ";
    out += metadata::LikenessName(reason);
  }
  return out;
}

void PrintHygiene(Console& console, const std::vector<LikeKeys>& alike, const std::vector<KeyConflict>& conflicts) {
  if (alike.empty()) console.Note("no two keys look alike");
  if (!alike.empty()) {
    console.PrintLine("Keys that look alike; where they mean the same, put the line into the configuration:\n");
    console.PrintLine("[search.aliases]");
  }
  for (const LikeKeys& like : alike) {
    std::string counts;
    for (const auto& key : like.keys)
      counts += fmt::format("{}{} {}", counts.empty() ? "" : ", ", EscapeForTerminal(key.name), key.sessions);
    console.PrintLine(fmt::format("{}  # {}: {}", AliasLine(metadata::AliasFor(like)), Reasons(like), counts));
  }
  if (conflicts.empty()) return console.Note("no key has values that do not go together");
  console.PrintLine("\nKeys whose values do not go together; all of them are searchable as what they are:\n");
  TextTable table({"FIELD", "CONFLICT", "SESSIONS"});
  for (const KeyConflict& conflict : conflicts)
    table.Add(
        {EscapeForTerminal(conflict.name), std::string(NameOf(conflict.what)), EscapeForTerminal(conflict.detail)});
  console.Print(table.ToString({}));
}

boost::json::object HygieneJson(const std::vector<LikeKeys>& alike, const std::vector<KeyConflict>& conflicts) {
  boost::json::array like_keys;
  for (const LikeKeys& like : alike) {
    boost::json::array keys, reasons;
    for (const auto& key : like.keys) keys.push_back({{"name", key.name}, {"sessions", key.sessions}});
    for (const Likeness reason : like.reasons) reasons.push_back(metadata::LikenessName(reason).data());
    like_keys.push_back(
        {{"keys", std::move(keys)}, {"reasons", std::move(reasons)}, {"alias", AliasLine(metadata::AliasFor(like))}});
  }
  boost::json::array disputed;
  for (const KeyConflict& conflict : conflicts)
    disputed.push_back({{"name", conflict.name},
                        {"conflict", NameOf(conflict.what).data()},
                        {"detail", conflict.detail},
                        {"sessions", conflict.sessions}});
  return {{"like_keys", std::move(like_keys)}, {"conflicts", std::move(disputed)}};
}

Result<ExitCode> Run(Invocation& invocation) {
  SESHAT_ASSIGN(const auto bench, MakeWorkbench(invocation));
  SESHAT_ASSIGN(const auto index, composition::OpenMetadataStore(bench->config, bench->foundation));
  FieldsOptions options{.names = invocation.arguments()};
  SESHAT_ASSIGN(options.top_values, invocation.Number("--top", kUsualTopValues));
  const bool hygiene = invocation.Has("--hygiene");
  if (hygiene) options.top_values = 0;
  SESHAT_ASSIGN(const std::vector<FieldInfo> fields, index->Fields(options));
  if (hygiene) {
    SESHAT_ASSIGN(const auto settings, SearchSettingsOf(bench->config, *bench->foundation.clock));
    SESHAT_ASSIGN(const auto aliases, FieldAliases::Make(settings.aliases));
    const auto alike = metadata::FindLikeKeys(fields, aliases);
    const auto conflicts = metadata::FindKeyConflicts(fields);
    if (invocation.json()) {
      PrintJson(invocation.console(), HygieneJson(alike, conflicts));
    } else {
      PrintHygiene(invocation.console(), alike, conflicts);
    }
    return ExitCode::kOk;
  }
  if (invocation.json()) {
    boost::json::array all;
    for (const FieldInfo& field : fields) all.push_back(JsonOf(field));
    PrintJson(invocation.console(), boost::json::object{{"fields", std::move(all)}});
  } else {
    PrintFields(invocation.console(), fields);
  }
  return ExitCode::kOk;
}

}  // namespace

const Command kFieldsCommand{
    .name = "fields",
    .summary = "List the metadata keys that sessions have, with their types and most frequent values.",
    .description =
        "A type with '*' is that of most sessions; some have another. docs/formats/values.md has the "
        "types and units.",
    .examples = {{"seshat fields", "what can be searched for?"},
                 {"seshat fields rig --top 50", "every rig there is"},
                 {"seshat fields --hygiene", "keys that mean the same, and values that do not go together"}},
    .arguments = {{"field", "Only these; all metadata keys without.", false, true}},
    .flags = {{"--top", "N", "The most frequent values of each to print (3)."},
              {"--hygiene", "",
               "List keys that look alike with the aliases to make them one, and conflicts of "
               "types and units."}},
    .json = {{"fields?", "array",
              "name, type (of most sessions: number, text, date, boolean, duration, size, voltage …), types (all "
              "of number, date, boolean, text), sessions (that have it), coverage (share of all sessions), "
              "numbers, dates, booleans, texts (sessions with such a value), units (value and count), top_values "
              "(value and count)"},
             {"like_keys?", "array", "with --hygiene: keys (name and sessions), reasons, alias (a line of TOML)"},
             {"conflicts?", "array",
              "with --hygiene: name, conflict (types, units, missing units), detail, sessions (on the smaller "
              "side)"}},
    .run = Run,
};

}  // namespace seshat::cli
