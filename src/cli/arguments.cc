#include "cli/arguments.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/nearest_name.h"
#include "core/base/utf8.h"

namespace seshat::cli {
namespace {

std::unexpected<Error> Usage(std::string message) { return Fail(ErrorCode::kInvalidArgument, std::move(message)); }

std::vector<std::string> SplitChoices(std::string_view choices) {
  std::vector<std::string> list;
  while (!choices.empty()) {
    const size_t bar = std::min(choices.find('|'), choices.size());
    list.emplace_back(choices.substr(0, bar));
    choices.remove_prefix(std::min(bar + 1, choices.size()));
  }
  return list;
}

Status CheckChoice(std::string_view what, std::string_view choices, const std::string& value) {
  if (choices.empty()) return {};
  const auto list = SplitChoices(choices);
  if (std::ranges::find(list, value) != list.end()) return {};
  return Usage(fmt::format("{}: '{}' is none of: {}{}", what, EscapeForTerminal(value), fmt::join(list, ", "),
                           DidYouMean(value, list)));
}

class Parser {
 public:
  explicit Parser(std::span<const std::string> words) : words_(words) {}

  Result<ParsedArguments> Parse() {
    FindCommandWord();
    while (next_ < words_.size()) SESHAT_TRY(Word(words_[next_++]));
    SESHAT_TRY(CheckCommand());
    if (!parsed_.help && parsed_.command != nullptr) SESHAT_TRY(CheckCounts());
    return std::move(parsed_);
  }

 private:
  // Flags before the command may be the command's own, so it must be known first.
  void FindCommandWord() {
    for (size_t i = 0; i < words_.size() && words_[i] != "--"; ++i) {
      if (words_[i].starts_with('-') && words_[i].size() > 1) {
        const FlagSpec* flag = FlagOfAny(words_[i]);
        if (flag != nullptr && !flag->value_name.empty() && words_[i].find('=') == std::string::npos) ++i;
        continue;
      }
      command_at_ = i;
      parsed_.command = FindCommand(words_[i]);
      return;
    }
  }

  // Names mean the same for every command that has them, so any of them tells whether a value follows.
  static const FlagSpec* FlagOfAny(std::string_view word) {
    const std::string_view name = word.substr(0, word.find('='));
    for (const FlagSpec& flag : GlobalFlags()) {
      if (flag.name == name) return &flag;
    }
    for (const Command* command : AllCommands()) {
      if (const FlagSpec* flag = command->FindFlag(name)) return flag;
    }
    return nullptr;
  }

  const FlagSpec* Flag(std::string_view word) const {
    const std::string_view name = word.substr(0, word.find('='));
    if (parsed_.command != nullptr) {
      if (const FlagSpec* flag = parsed_.command->FindFlag(name)) return flag;
    }
    for (const FlagSpec& flag : GlobalFlags()) {
      if (flag.name == name) return &flag;
    }
    return nullptr;
  }

  Status Word(const std::string& word) {
    if (only_arguments_ || word == "-" || !word.starts_with('-')) {
      if (next_ - 1 != command_at_) parsed_.arguments.push_back(word);
      return {};
    }
    if (word == "--") {
      only_arguments_ = true;
      return {};
    }
    if (word == "-h" || word == "--help") {
      parsed_.help = true;
      return {};
    }
    if (word == "-V" || word == "--version") {
      parsed_.version = true;
      return {};
    }
    return TakeFlag(word);
  }

  Status TakeFlag(const std::string& word) {
    const FlagSpec* flag = Flag(word);
    const size_t equals = word.find('=');
    const std::string name = word.substr(0, equals);
    if (flag == nullptr) {
      std::vector<std::string> known{"--help"};
      if (parsed_.command != nullptr)
        for (const FlagSpec& spec : parsed_.command->flags) known.emplace_back(spec.name);
      for (const FlagSpec& spec : GlobalFlags()) known.emplace_back(spec.name);
      return Usage(fmt::format("there is no flag '{}'{}", EscapeForTerminal(name), DidYouMean(name, known)));
    }
    auto& values = parsed_.flags[name];
    if (flag->value_name.empty()) {
      if (equals != std::string::npos) return Usage(fmt::format("{} takes no value", name));
      values.emplace_back();
      return {};
    }
    if (!values.empty() && !flag->repeatable) return Usage(fmt::format("{} was given twice", name));
    if (equals == std::string::npos && next_ >= words_.size())
      return Usage(fmt::format("{} needs a value: {} {}", name, name, flag->value_name));
    values.push_back(equals != std::string::npos ? word.substr(equals + 1) : words_[next_++]);
    // An unset variable of a script, which must not come to mean the current directory.
    if (values.back().empty() && (flag->value_name == "DIR" || flag->value_name == "FILE"))
      return Usage(fmt::format("{} is empty: {} {}", name, name, flag->value_name));
    return CheckChoice(name, flag->choices, values.back());
  }

  Status CheckCommand() {
    if (parsed_.command != nullptr || command_at_ == kNone) return {};
    std::vector<std::string> names;
    for (const Command* command : AllCommands()) names.emplace_back(command->name);
    const std::string& word = words_[command_at_];
    const std::string suggestion = DidYouMean(word, names);
    return Usage(fmt::format("there is no command '{}'{}", EscapeForTerminal(word),
                             suggestion.empty() ? "; see seshat --help" : suggestion));
  }

  Status CheckCounts() {
    const Command& command = *parsed_.command;
    if (parsed_.flags.contains("--json") && command.json.empty())
      return Usage(fmt::format("seshat {} has nothing to print as JSON", command.name));
    size_t used = 0;
    for (const ArgumentSpec& argument : command.arguments) {
      if (argument.required && used >= parsed_.arguments.size())
        return Usage(fmt::format("<{}> is missing: {}", argument.name, argument.help));
      if (argument.repeatable) return {};
      if (used < parsed_.arguments.size())
        SESHAT_TRY(CheckChoice(fmt::format("<{}>", argument.name), argument.choices, parsed_.arguments[used]));
      ++used;
    }
    if (parsed_.arguments.size() > used)
      return Usage(fmt::format("'{}' is one argument too many", EscapeForTerminal(parsed_.arguments[used])));
    return {};
  }

  static constexpr size_t kNone = SIZE_MAX;
  std::span<const std::string> words_;
  ParsedArguments parsed_;
  size_t next_ = 0;
  size_t command_at_ = kNone;
  bool only_arguments_ = false;
};

}  // namespace

Result<ParsedArguments> ParseArguments(std::span<const std::string> words) { return Parser(words).Parse(); }

}  // namespace seshat::cli
