#include <fmt/format.h>

#include <boost/json.hpp>

#include "cli/commands/commands.h"
#include "cli/commands/common.h"
#include "cli/doctor/aws_checks.h"
#include "cli/doctor/local_checks.h"
#include "cli/invocation.h"
#include "composition/composition.h"
#include "core/base/utf8.h"

namespace seshat::cli {
namespace {

using doctor::Duty;
using doctor::Finding;
using doctor::Findings;
using doctor::Verdict;

// As --role says; otherwise a machine with sources is an agent's, and any other somebody's who reads.
std::set<Duty> DutiesOf(const Invocation& invocation, const composition::Config& config) {
  std::set<Duty> duties;
  for (const std::string& role : invocation.Values("--role"))
    duties.insert(role == "agent"     ? Duty::kAgent
                  : role == "process" ? Duty::kProcess
                  : role == "index"   ? Duty::kIndex
                                      : Duty::kUser);
  if (duties.empty()) duties.insert(config.Names("sources").empty() ? Duty::kUser : Duty::kAgent);
  return duties;
}

Result<Findings> Examine(Invocation& invocation, const composition::LoadedConfig& loaded) {
  Findings findings;
  for (const composition::ConfigProblem& problem : loaded.problems)
    findings.push_back(
        {"configuration", Verdict::kProblem, problem.ToString(), "correct it; seshat config check", ExitCode::kUsage});
  if (loaded.problems.empty()) {
    findings.push_back({"configuration", Verdict::kOk,
                        loaded.files_read.empty() ? "no file, the defaults" : loaded.files_read.back(), ""});
    doctor::CheckLocal(loaded.config, findings);
    if (doctor::UsesAws(loaded.config)) {
      SESHAT_ASSIGN(const composition::Foundation foundation,
                    composition::MakeFoundation(loaded.config, LogSinkOf(invocation.console()),
                                                invocation.config_inputs().environment));
      doctor::CheckAws(loaded.config, *foundation.aws, DutiesOf(invocation, loaded.config), findings);
    }
  }
  doctor::CheckMachine(findings);
  return findings;
}

Result<ExitCode> Run(Invocation& invocation) {
  const composition::LoadedConfig loaded = composition::LoadConfig(invocation.config_inputs());
  SESHAT_ASSIGN(const Findings findings, Examine(invocation, loaded));
  const ExitCode exit = doctor::ExitCodeOf(findings);
  boost::json::array checks;
  TextTable table({"CHECK", "RESULT", "DETAIL"});
  for (const Finding& finding : findings) {
    checks.push_back({{"check", finding.check},
                      {"result", VerdictName(finding.verdict)},
                      {"detail", ReplaceInvalidUtf8(finding.detail)},
                      {"fix", finding.fix}});
    table.Add({finding.check, std::string(VerdictName(finding.verdict)), EscapeForTerminal(finding.detail)});
    if (!finding.fix.empty()) table.Add({"", "", "fix: " + EscapeForTerminal(finding.fix)});
  }
  if (invocation.json()) {
    PrintJson(invocation.console(), {{"good", exit == ExitCode::kOk}, {"checks", std::move(checks)}});
  } else {
    invocation.console().Print(table.ToString());
  }
  return exit;
}

}  // namespace

const Command kDoctorCommand{
    .name = "doctor",
    .summary = "Check this machine and its configuration, with a fix for everything that is wrong.",
    .description =
        "At AWS it asks for each permission that the machine's role needs, without changing anything there: the "
        "requests are about an upload and a message that cannot be. It ends with 4 where credentials or permissions "
        "are wrong, with 2 where the configuration is, and with 1 for other problems.",
    .examples = {{"seshat doctor", "before the first start, and when something does not work"},
                 {"seshat doctor --role process --role index", "may this machine run the workers?"}},
    .flags = {{"--source", "DIR", "Check this source too.", "", true},
              {"--role", "ROLE",
               "Which permissions at AWS to check: those of an agent, of the workers, or of somebody who searches "
               "and reads. By default agent where sources are configured, otherwise user.",
               "agent|process|index|user", true}},
    .json = {{"good", "boolean", "whether nothing is a problem"},
             {"checks", "array", "check, result (ok, warning, problem), detail, fix"}},
    .run = Run,
};

}  // namespace seshat::cli
