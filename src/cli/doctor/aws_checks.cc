#include "cli/doctor/aws_checks.h"

#include <fmt/format.h>

#include "cli/doctor/bus_probes.h"
#include "cli/doctor/s3_probes.h"
#include "composition/adapter_table.h"

namespace seshat::cli::doctor {
namespace {

bool IsAtAws(const composition::Config& config, std::string_view setting) {
  return composition::PlaceOf(config, setting) == composition::Place::kAws;
}

// Keys of another store are nothing to ask Amazon about.
bool AreAmazons(const composition::Config& config, const composition::AwsAccess& aws) {
  if (!aws.at_aws("sts")) return false;
  return (IsAtAws(config, "store.url") && aws.at_aws("s3")) || (IsAtAws(config, "bus.url") && aws.at_aws("sns"));
}

// False where nothing can be asked without them.
bool CheckCredentials(const composition::Config& config, composition::AwsAccess& aws, Findings& findings) {
  const auto credentials = aws.credentials().Get({});
  if (!credentials) {
    findings.push_back(ProblemOf("AWS credentials", credentials.error()));
    return false;
  }
  std::string detail = fmt::format("from {}", (*credentials)->source);
  if (AreAmazons(config, aws)) {
    const auto identity = aws.CallerIdentity({});
    if (identity) detail += ": " + identity->arn;
    if (!identity && identity.error().code == ErrorCode::kUnauthenticated) {
      findings.push_back(ProblemOf("AWS credentials", identity.error()));
      return false;
    }
  }
  findings.push_back({"AWS credentials", Verdict::kOk, std::move(detail), ""});
  return true;
}

void CheckServerClock(const composition::AwsAccess& aws, Findings& findings) {
  const auto off = std::chrono::duration_cast<std::chrono::minutes>(aws.clock_offset());
  if (off.count() == 0) return;
  findings.push_back({"server clock", Verdict::kWarning,
                      fmt::format("this machine's clock is {} minutes {} of the servers'", std::abs(off.count()),
                                  off.count() > 0 ? "behind" : "ahead"),
                      "set it: timedatectl set-ntp true"});
}

}  // namespace

bool UsesAws(const composition::Config& config) { return IsAtAws(config, "store.url") || IsAtAws(config, "bus.url"); }

void CheckAws(const composition::Config& config, composition::LazyAws& aws, const std::set<Duty>& duties,
              Findings& findings) {
  const auto access = aws.Get();
  if (!access) {
    findings.push_back(ProblemOf("AWS configuration", access.error()));
    return;
  }
  if (!CheckCredentials(config, **access, findings)) return;
  if (IsAtAws(config, "store.url")) ProbeStore(config, **access, duties, findings);
  if (IsAtAws(config, "bus.url")) ProbeBus(config, **access, duties, findings);
  CheckServerClock(**access, findings);
}

}  // namespace seshat::cli::doctor
