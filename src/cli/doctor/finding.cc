#include "cli/doctor/finding.h"

#include <algorithm>

namespace seshat::cli::doctor {

std::string_view VerdictName(Verdict verdict) {
  switch (verdict) {
    case Verdict::kOk:
      return "ok";
    case Verdict::kWarning:
      return "warning";
    case Verdict::kProblem:
      return "problem";
  }
  return "problem";
}

Finding ProblemOf(std::string check, const Error& error) {
  ExitCode exit = cli::ExitCodeOf(error.code);
  // Something that was named and is not there is a mistake in the configuration.
  if (exit == ExitCode::kNotFound) exit = ExitCode::kUsage;
  return {std::move(check), Verdict::kProblem, error.message, "", exit};
}

ExitCode ExitCodeOf(const Findings& findings) {
  ExitCode worst = ExitCode::kOk;
  const auto any = [&](ExitCode exit) {
    return std::ranges::any_of(
        findings, [&](const Finding& finding) { return finding.verdict == Verdict::kProblem && finding.exit == exit; });
  };
  if (std::ranges::any_of(findings, [](const Finding& f) { return f.verdict == Verdict::kProblem; }))
    worst = ExitCode::kFailed;
  if (any(ExitCode::kUsage)) worst = ExitCode::kUsage;
  if (any(ExitCode::kCredentials)) worst = ExitCode::kCredentials;
  return worst;
}

}  // namespace seshat::cli::doctor
