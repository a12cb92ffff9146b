#include "cli/help.h"

#include <fmt/format.h>

#include <algorithm>

namespace seshat::cli {
namespace {

std::string Usage(const Command& command) {
  std::string line = fmt::format("seshat {}", command.name);
  for (const ArgumentSpec& argument : command.arguments) {
    const std::string shown =
        argument.choices.empty() ? fmt::format("<{}>", argument.name) : [&] { return std::string(argument.choices); }();
    line += argument.required ? " " + shown : fmt::format(" [{}]", shown);
    if (argument.repeatable) line += "…";
  }
  if (!command.flags.empty()) line += " [flags]";
  return line;
}

std::string FlagTerm(const FlagSpec& flag) {
  if (flag.value_name.empty()) return std::string(flag.name);
  return fmt::format("{} {}", flag.name, flag.choices.empty() ? flag.value_name : flag.choices);
}

// "  term   text", the text wrapped at 100 columns.
std::string Entry(std::string_view term, std::string_view text, size_t column) {
  std::string out = fmt::format("  {:<{}}", term, column);
  if (term.size() > column - 2) out += "\n" + std::string(column + 2, ' ');
  size_t at = column + 2;
  while (!text.empty()) {
    const size_t end = std::min(text.find(' '), text.size());
    if (at + end > 100) {
      out += "\n" + std::string(column + 2, ' ');
      at = column + 2;
    }
    out += fmt::format("{} ", text.substr(0, end));
    at += end + 1;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  out.erase(out.find_last_not_of(' ') + 1);
  return out + "\n";
}

std::string Examples(const Command& command, const Console& console) {
  std::string out = console.Bold("Examples") + "\n";
  for (const Example& example : command.examples)
    out += fmt::format("  {}\n      {}\n", example.line, console.Dim(example.what));
  return out;
}

}  // namespace

const FlagSpec* Command::FindFlag(std::string_view flag) const {
  const auto found = std::ranges::find(flags, flag, &FlagSpec::name);
  return found == flags.end() ? nullptr : &*found;
}

std::string OverviewHelp(const Console& console) {
  std::string out = console.Bold("Examples") + "\n";
  out +=
      "  seshat simulate --to lab && seshat up --source lab/bench-1\n"
      "      make a small lab, then store, process and index what one of its machines records\n"
      "  seshat search 'sys_name = PX4'\n"
      "      find sessions\n"
      "  seshat get <id> --to .\n"
      "      fetch a session's files\n\n";
  out += console.Bold("Commands") + "\n";
  for (const Command* command : AllCommands()) out += Entry(command->name, command->summary, 14);
  out += "\n" + console.Bold("Flags of every command") + "\n";
  for (const FlagSpec& flag : GlobalFlags()) out += Entry(FlagTerm(flag), flag.help, 26);
  out += Entry("-h, --help", "Help for a command: seshat get --help.", 26);
  return out +
         "\nExit status: 0 ok, 1 failed, 2 usage or configuration, 3 partial, 4 credentials, 5 try later,\n"
         "6 integrity, 7 not found.\n";
}

std::string CommandHelp(const Command& command, const Console& console) {
  std::string out = Examples(command, console);
  out += fmt::format("\n{}\n  {}\n\n{}\n", console.Bold("Usage"), Usage(command), command.summary);
  if (!command.description.empty()) out += fmt::format("{}\n", command.description);
  if (!command.arguments.empty()) out += "\n" + console.Bold("Arguments") + "\n";
  for (const ArgumentSpec& argument : command.arguments)
    out += Entry(fmt::format("<{}>", argument.name), argument.help, 26);
  if (!command.flags.empty()) out += "\n" + console.Bold("Flags") + "\n";
  for (const FlagSpec& flag : command.flags) out += Entry(FlagTerm(flag), flag.help, 26);
  out += "\n" + console.Bold("Flags of every command") + "\n";
  for (const FlagSpec& flag : GlobalFlags()) {
    if (flag.name == "--json" && command.json.empty()) continue;
    out += Entry(FlagTerm(flag), flag.help, 26);
  }
  return out;
}

std::string CliAsMarkdown() {
  std::string out =
      "# The `seshat` command\n\n"
      "Data goes to stdout, messages to stderr. `--json` prints one JSON object on one line; fields may be added,\n"
      "none is taken away or changes its meaning. This page is made by `seshat help --markdown` from the table that\n"
      "the program itself uses.\n\n"
      "| exit status | meaning |\n|---|---|\n"
      "| 0 | ok |\n| 1 | failed |\n| 2 | usage or configuration |\n"
      "| 3 | partial: some of it was done, messages say what was not |\n"
      "| 4 | credentials missing, expired or not allowed to do this |\n"
      "| 5 | try later: a passing fault, a full disk, or data that must come back from cold storage first |\n"
      "| 6 | integrity: bytes are not what they must be |\n| 7 | not found |\n\n"
      "Flags of every command:\n\n| flag | meaning |\n|---|---|\n";
  const auto cell = [](std::string_view text) {
    std::string escaped;
    for (const char c : text) escaped += c == '|' ? std::string("\\|") : std::string(1, c);
    return escaped;
  };
  for (const FlagSpec& flag : GlobalFlags())
    out += fmt::format("| `{}` | {} |\n", cell(FlagTerm(flag)), cell(flag.help));
  for (const Command* command : AllCommands()) {
    out += fmt::format("\n## seshat {}\n\n{}\n", command->name, command->summary);
    if (!command->description.empty()) out += fmt::format("{}\n", command->description);
    out += "\n```sh\n";
    for (const Example& example : command->examples) out += fmt::format("{}    # {}\n", example.line, example.what);
    out += fmt::format("```\n\nUsage: `{}`\n", Usage(*command));
    if (!command->flags.empty()) out += "\n| flag | meaning |\n|---|---|\n";
    for (const FlagSpec& flag : command->flags)
      out += fmt::format("| `{}` | {} |\n", cell(FlagTerm(flag)), cell(flag.help));
    if (!command->json.empty()) out += "\n`--json`:\n\n| field | type | meaning |\n|---|---|---|\n";
    for (const JsonField& field : command->json)
      out += fmt::format("| `{}` | {} | {} |\n", field.name, field.type, cell(field.help));
  }
  return out;
}

}  // namespace seshat::cli
