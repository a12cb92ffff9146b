// What `seshat doctor` finds out.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/exit_code.h"
#include "core/base/error.h"

namespace seshat::cli::doctor {

enum class Verdict { kOk, kWarning, kProblem };
std::string_view VerdictName(Verdict verdict);

struct Finding {
  std::string check;
  Verdict verdict = Verdict::kOk;
  std::string detail;
  std::string fix;  // empty where nothing is wrong, or where `detail` says it
  // Of a problem with what Seshat was told or allowed: usage (2) or credentials (4).
  ExitCode exit = ExitCode::kFailed;
};

using Findings = std::vector<Finding>;

// A problem as an error tells it; its text says what to do.
Finding ProblemOf(std::string check, const Error& error);

// 0 without a problem; 4 where any is about credentials or permissions, else 2 where any is about the configuration,
// else 1.
ExitCode ExitCodeOf(const Findings& findings);

}  // namespace seshat::cli::doctor
