// One run of one command: what was asked for, where to print, and the configuration.
#pragma once

#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "cli/arguments.h"
#include "cli/output/console.h"
#include "composition/config/config.h"

namespace seshat::cli {

class Invocation {
 public:
  Invocation(ParsedArguments parsed, composition::ConfigInputs inputs, Console& console)
      : parsed_(std::move(parsed)), inputs_(std::move(inputs)), console_(console) {}

  const Command& command() const { return *parsed_.command; }
  Console& console() { return console_; }
  bool json() const { return Has("--json"); }

  const std::vector<std::string>& arguments() const { return parsed_.arguments; }
  // All arguments as one text, with blanks between them: a query may be typed without quotes.
  std::string JoinedArguments() const;
  bool Has(std::string_view flag) const { return parsed_.flags.contains(flag); }
  // The flag's (last) value, or `fallback`.
  std::string Value(std::string_view flag, std::string_view fallback = "") const;
  std::vector<std::string> Values(std::string_view flag) const;
  // kInvalidArgument naming the flag.
  Result<uint64_t> Number(std::string_view flag, uint64_t fallback) const;
  Result<std::chrono::milliseconds> Duration(std::string_view flag, std::chrono::milliseconds fallback) const;

  // Files, environment and flags.
  const composition::ConfigInputs& config_inputs() const { return inputs_; }
  Result<composition::Config> LoadConfig() const { return composition::LoadUsableConfig(inputs_); }

 private:
  ParsedArguments parsed_;
  composition::ConfigInputs inputs_;
  Console& console_;
};

// The settings that flags stand for: --set, --store, --state-dir, --source, … kInvalidArgument where one is off.
Result<std::vector<composition::Assignment>> AssignmentsOfFlags(const ParsedArguments& parsed,
                                                                const std::filesystem::path& working_directory);

}  // namespace seshat::cli
