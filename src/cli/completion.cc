// Completion scripts: static words from the table. Only queries are asked for, of `seshat suggest`.
#include <fmt/format.h>

#include "cli/help.h"

namespace seshat::cli {
namespace {

std::string Words(std::string_view choices) {
  std::string words(choices);
  for (char& c : words) c = c == '|' ? ' ' : c;
  return words;
}

std::string ArgumentWords(const Command& command) {
  std::string words;
  for (const ArgumentSpec& argument : command.arguments) words += " " + Words(argument.choices);
  return words;
}

bool TakesQuery(const Command& command) {
  return !command.arguments.empty() && command.arguments.front().name == "query";
}

std::string FlagWords(std::span<const FlagSpec> flags) {
  std::string words;
  for (const FlagSpec& flag : flags) words += fmt::format(" {}", flag.name);
  return words;
}

// In single quotes, for zsh and fish.
std::string Quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  return out + "'";
}

// Bash takes a word apart at ':' and '=', unless it is in quotes; what stands before is left out of the answers. A
// blank at the end would be taken for a part of the word.
constexpr std::string_view kBashQuery =
    "_seshat_query() {\n"
    "  local query=$1 before= line\n"
    "  case $query in\n"
    "    [\\'\\\"]*) query=${query:1} ;;\n"
    "    [:=]) before=$2$query query= ;;\n"
    "    *) case $2 in [:=]) before=$3$2 ;; esac ;;\n"
    "  esac\n"
    "  COMPREPLY=()\n"
    "  while IFS= read -r line; do\n"
    "    line=${line%%$'\\t'*} line=${line#\"$before\"}\n"
    "    COMPREPLY+=(\"${line%% }\")\n"
    "  done < <(seshat suggest -- \"$before$query\" 2>/dev/null)\n"
    "  compopt -o nospace 2>/dev/null\n"
    "}\n";

std::string Bash() {
  std::string names;
  std::string cases;
  std::string choices;
  for (const Command* command : AllCommands()) {
    names += fmt::format(" {}", command->name);
    cases +=
        fmt::format("    {}) words=\"{}{}\" ;;\n", command->name, ArgumentWords(*command), FlagWords(command->flags));
    for (const FlagSpec& flag : command->flags) {
      if (!flag.choices.empty())
        choices += fmt::format("    {}\\ {}) COMPREPLY=($(compgen -W \"{}\" -- \"$current\")); return ;;\n",
                               command->name, flag.name, Words(flag.choices));
    }
  }
  return fmt::format(
      "# seshat completion for bash: source <(seshat completion bash)\n"
      "{}"
      "_seshat() {{\n"
      "  local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD-1]}} command= word words=\n"
      "  for word in \"${{COMP_WORDS[@]:1:COMP_CWORD-1}}\"; do\n"
      "    case $word in -*) ;; *) command=$word; break ;; esac\n"
      "  done\n"
      "  case \"$command $previous\" in\n{}"
      "  esac\n"
      "  case $command in\n"
      "    '') words=\"{} --help --version\" ;;\n{}"
      "  esac\n"
      "  case \"$command $previous $current\" in\n"
      "    *\\ -*) ;;\n"
      "    search\\ *|suggest\\ *) _seshat_query \"$current\" \"$previous\" "
      "\"${{COMP_WORDS[COMP_CWORD-2]}}\"; return ;;\n"
      "  esac\n"
      "  case $previous in\n"
      "    --to|--source|--config|--store|--state-dir)\n"
      "      COMPREPLY=($(compgen -f -- \"$current\")); return ;;\n"
      "  esac\n"
      "  COMPREPLY=($(compgen -W \"$words{} --help\" -- \"$current\"))\n"
      "}}\n"
      "complete -o filenames -F _seshat seshat\n",
      kBashQuery, choices, names, cases, FlagWords(GlobalFlags()));
}

// Inside a _describe or _arguments item a ':' and brackets separate.
std::string ZshText(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == ':' || c == '[' || c == ']' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string ZshFlag(const FlagSpec& flag) {
  std::string item = fmt::format("{}{}[{}]", flag.repeatable ? "*" : "", flag.name, ZshText(flag.help));
  if (!flag.value_name.empty()) {
    item += fmt::format(":{}:", ZshText(flag.value_name));
    item += flag.choices.empty() ? "_files" : fmt::format("({})", Words(flag.choices));
  }
  return Quoted(item);
}

std::string Zsh() {
  std::string names;
  std::string cases;
  for (const Command* command : AllCommands()) {
    names += fmt::format("    {}\n", Quoted(fmt::format("{}:{}", command->name, ZshText(command->summary))));
    cases += fmt::format("    {}) _arguments", command->name);
    for (const FlagSpec& flag : command->flags) cases += " \\\n      " + ZshFlag(flag);
    for (const FlagSpec& flag : GlobalFlags()) cases += " \\\n      " + ZshFlag(flag);
    const std::string words = ArgumentWords(*command);
    if (TakesQuery(*command)) {
      cases += " \\\n      '*: :_seshat_query'";
    } else {
      cases += words.find_first_not_of(' ') == std::string::npos
                   ? " \\\n      '*: :_files'"
                   : fmt::format(" \\\n      {}", Quoted(fmt::format("*: :({})", words)));
    }
    cases += " ;;\n";
  }
  return fmt::format(
      "#compdef seshat\n"
      "# seshat completion for zsh: source <(seshat completion zsh)\n"
      "_seshat_query() {{\n"
      "  local -a lines=(${{(f)\"$(seshat suggest -- \"$PREFIX\" 2>/dev/null)\"}})\n"
      "  compadd -U -S '' -- \"${{(@)lines%%$'\\t'*}}\"\n"
      "}}\n"
      "_seshat() {{\n"
      "  local -a commands=(\n{}  )\n"
      "  if (( CURRENT == 2 )); then _describe command commands; return; fi\n"
      "  local command=$words[2]\n"
      "  shift words; (( CURRENT-- ))\n"
      "  case $command in\n{}  esac\n"
      "}}\n"
      "compdef _seshat seshat\n",
      names, cases);
}

std::string FishFlag(const FlagSpec& flag, std::string_view condition) {
  std::string line =
      fmt::format("complete -c seshat {} -l {} -d {}", condition, flag.name.substr(2), Quoted(flag.help));
  if (!flag.value_name.empty()) line += " -r";
  if (!flag.choices.empty()) line += fmt::format(" -f -a {}", Quoted(Words(flag.choices)));
  return line + "\n";
}

std::string Fish() {
  std::string out = "# seshat completion for fish: seshat completion fish | source\n";
  for (const Command* command : AllCommands()) {
    out += fmt::format("complete -c seshat -n __fish_use_subcommand -f -a {} -d {}\n", command->name,
                       Quoted(command->summary));
    const std::string condition = fmt::format("-n '__fish_seen_subcommand_from {}'", command->name);
    for (const FlagSpec& flag : command->flags) out += FishFlag(flag, condition);
    const std::string words = ArgumentWords(*command);
    if (TakesQuery(*command))
      out += fmt::format(
          "complete -c seshat {} -f -a \"(seshat suggest -- (commandline -ct | string trim -l -c '\\'\\\"') "
          "2>/dev/null)\"\n",
          condition);
    if (words.find_first_not_of(' ') != std::string::npos)
      out += fmt::format("complete -c seshat {} -f -a {}\n", condition, Quoted(words));
  }
  for (const FlagSpec& flag : GlobalFlags()) out += FishFlag(flag, "");
  return out;
}

}  // namespace

Result<std::string> CompletionScript(std::string_view shell) {
  if (shell == "bash") return Bash();
  if (shell == "zsh") return Zsh();
  if (shell == "fish") return Fish();
  return Fail(ErrorCode::kInvalidArgument, fmt::format("no completion for '{}', only bash, zsh and fish", shell));
}

}  // namespace seshat::cli
