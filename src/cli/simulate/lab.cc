#include "cli/simulate/lab.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "cli/simulate/recordings.h"
#include "platform/posix/posix_error.h"
#include "platform/posix/unique_fd.h"

namespace seshat::cli {
namespace {

constexpr std::array kOperators{"A. Rivera", "B. Okafor", "C. Lindqvist", "D. Sato"};
constexpr std::array kMaterials{"AlMgSi1", "Ti-6Al-4V", "PA12", "CFRP"};
constexpr std::array kFaults{"overcurrent on channel {}", "sample clock drift on channel {}", "sensor {} saturated",
                             "buffer {} refilled late"};

template <size_t N>
const char* Pick(Dice& dice, const std::array<const char*, N>& from) {
  return from[dice.Below(N)];
}

std::string FaultsLog(Dice& dice, Timestamp start) {
  std::string log = fmt::format("{} INFO recording started\n", FormatTimestamp(start));
  const uint64_t faults = dice.Below(6);
  for (uint64_t i = 0; i < faults; ++i) {
    const Timestamp when = start + std::chrono::seconds((i + 1) * 37 + dice.Below(20));
    log += fmt::format("{} {} {}\n", FormatTimestamp(when), dice.Below(3) == 0 ? "ERROR" : "WARN",
                       fmt::format(fmt::runtime(Pick(dice, kFaults)), 1 + dice.Below(4)));
  }
  return log + fmt::format("{} INFO recording stopped\n", FormatTimestamp(start + std::chrono::minutes(5)));
}

struct Recording {
  const char* experiment;
  const char* format;
  size_t rate_hz;
  size_t channels;
};

constexpr std::array<Recording, 4> kRecordings{{{"tensile test", "csv", 100, 3},
                                                {"ecg at rest", "wfdb", 250, 2},
                                                {"eeg sleep stage", "edf", 128, 4},
                                                {"vibration sweep", "raw", 1000, 3}}};

void AddRecording(Dice& dice, const Recording& kind, std::string_view day, std::vector<SimulatedFile>& files) {
  const size_t samples = kind.rate_hz * (20 + dice.Below(40));
  const auto waves = Waves(dice, kind.channels, samples);
  const std::string_view format = kind.format;
  if (format == "csv") {
    files.push_back({"load-cell.csv", CsvRecording(waves, static_cast<double>(kind.rate_hz))});
    files.push_back({"camera/frames.bin", RawRecording(Waves(dice, 2, 8000))});
  } else if (format == "wfdb") {
    files.push_back({"ecg.hea", WfdbHeader("ecg", waves, kind.rate_hz)});
    files.push_back({"ecg.dat", RawRecording(waves)});
  } else if (format == "edf") {
    files.push_back(
        {"sleep.edf", EdfRecording(waves, kind.rate_hz, "S-17 X X simulated",
                                   fmt::format("{}.{}.{}", day.substr(8, 2), day.substr(5, 2), day.substr(2, 2)))});
  } else {
    files.push_back({"sensor-a.bin", RawRecording(waves)});
    files.push_back({"sensor-b.bin", RawRecording(Waves(dice, 1, samples))});
  }
}

std::string MetadataText(Dice& dice, const Recording& kind, const std::string& source, const std::string& id,
                         Timestamp start) {
  return fmt::format(
      "# written by the rig when the recording was stopped\n"
      "session: {}\nexperiment: {}\noperator: {}\nrig: {}\nstarted: {}\n"
      "format: {}\nsample_rate_hz: {}\nchannels: {}\n\n"
      "[specimen]\nmaterial = {}\nserial = \"{:05}\"\ntemperature = {:.1f} °C\n\n"
      "[result]\nverdict = {}\npeak_load_n = {}\nnotes = \"{}\"\n",
      id, kind.experiment, Pick(dice, kOperators), source, FormatTimestamp(start), kind.format, kind.rate_hz,
      kind.channels, Pick(dice, kMaterials), dice.Below(100'000), 18 + 10 * dice.Unit(),
      dice.Below(5) == 0 ? "fail" : "pass", 500 + dice.Below(4000),
      dice.Below(2) == 0 ? "nothing unusual" : "repeated after a loose clamp");
}

Status WriteBytes(const std::filesystem::path& path, std::string_view bytes, int flags) {
  std::error_code error;
  std::filesystem::create_directories(path.parent_path(), error);
  const posix::UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0644));
  if (!fd.valid()) return std::unexpected(posix::PosixError(errno, fmt::format("writing {}", path.string())));
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd.get(), bytes.data(), bytes.size());
    if (written < 0 && errno != EINTR)
      return std::unexpected(posix::PosixError(errno, fmt::format("writing {}", path.string())));
    if (written > 0) bytes.remove_prefix(static_cast<size_t>(written));
  }
  return {};
}

Status SetTime(const std::filesystem::path& path, Timestamp time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  const timespec stamp{seconds.time_since_epoch().count(), (time - seconds).count()};
  const timespec both[2]{stamp, stamp};
  if (::utimensat(AT_FDCWD, path.c_str(), both, 0) == 0) return {};
  return std::unexpected(posix::PosixError(errno, fmt::format("setting the time of {}", path.string())));
}

std::string SourceName(uint64_t index) { return fmt::format("bench-{}", index + 1); }

}  // namespace

SimulatedSession MakeSimulatedSession(uint64_t seed, const std::string& source, uint64_t number) {
  Dice dice = Dice::For(seed, source, number);
  SimulatedSession session;
  using std::chrono::sys_days;
  const auto first_day = sys_days{std::chrono::year{2026} / 3 / 2};
  session.started_at =
      first_day + std::chrono::days(number) + std::chrono::hours(8) + std::chrono::minutes(dice.Below(600));
  const std::string day = FormatTimestamp(session.started_at).substr(0, 10);
  session.id = fmt::format("{}-{}-{:03}", day, source, number + 1);
  const Recording& kind = kRecordings[(number + dice.Below(2)) % kRecordings.size()];
  AddRecording(dice, kind, day, session.files);
  session.files.push_back({"faults.log", FaultsLog(dice, session.started_at)});
  session.files.push_back({"metadata.txt", MetadataText(dice, kind, source, session.id, session.started_at)});
  return session;
}

std::filesystem::path Lab::DirectoryOf(const std::string& source, const SimulatedSession& session) const {
  return options_.directory / source / session.id;
}

Status Lab::WriteFinished(const std::string& source, const SimulatedSession& session) {
  const auto directory = DirectoryOf(source, session);
  const Timestamp stopped = session.started_at + std::chrono::minutes(5);
  for (const SimulatedFile& file : session.files) {
    const auto path = directory / file.name;
    if (!std::filesystem::exists(path)) {
      SESHAT_TRY(WriteBytes(path, file.bytes, O_TRUNC));
      SESHAT_TRY(SetTime(path, stopped));
    }
    ++summary_.files;
    summary_.bytes += file.bytes.size();
  }
  ++summary_.sessions;
  return {};
}

Status Lab::Grow(Open& open, uint64_t ticks) {
  const uint64_t before = open.ticks;
  open.ticks = std::min(ticks, options_.ticks_per_session);
  const auto share = [&](size_t size, uint64_t at) { return size * at / options_.ticks_per_session; };
  const auto& files = open.session.files;
  for (size_t i = 0; i + 1 < files.size(); ++i) {
    const std::string& bytes = files[i].bytes;
    const size_t from = share(bytes.size(), before);
    const size_t to = share(bytes.size(), open.ticks);
    if (to > from || before == 0)
      SESHAT_TRY(WriteBytes(DirectoryOf(open.source, open.session) / files[i].name,
                            std::string_view(bytes).substr(from, to - from), before == 0 ? O_TRUNC : O_APPEND));
  }
  if (open.ticks < options_.ticks_per_session || before == open.ticks) return {};
  SESHAT_TRY(WriteBytes(DirectoryOf(open.source, open.session) / files.back().name, files.back().bytes, O_TRUNC));
  for (const SimulatedFile& file : files) summary_.bytes += file.bytes.size();
  summary_.files += files.size();
  ++summary_.sessions;
  return {};
}

Result<LabSummary> Lab::Make() {
  for (uint64_t s = 0; s < options_.sources; ++s) {
    const std::string source = SourceName(s);
    summary_.sources.push_back((options_.directory / source).string());
    std::error_code error;
    std::filesystem::create_directories(options_.directory / source, error);
    if (error)
      return std::unexpected(posix::PosixError(error.value(), fmt::format("making {}", summary_.sources.back())));
    for (uint64_t n = 0; n < options_.sessions; ++n)
      SESHAT_TRY(WriteFinished(source, MakeSimulatedSession(options_.seed, source, n)));
    for (uint64_t n = 0; n < options_.unfinished; ++n) {
      Open open{source, MakeSimulatedSession(options_.seed, source, options_.sessions + n)};
      // One that an earlier, live run has finished is a finished one now.
      if (std::filesystem::exists(DirectoryOf(source, open.session) / open.session.files.back().name)) {
        SESHAT_TRY(WriteFinished(source, open.session));
        continue;
      }
      SESHAT_TRY(Grow(open, options_.ticks_per_session / 2));
      open_.push_back(std::move(open));
    }
  }
  summary_.unfinished = open_.size();
  return summary_;
}

Result<LabSummary> Lab::Live(Clock& clock, std::chrono::steady_clock::time_point until, std::stop_token stop) {
  std::vector<uint64_t> next(options_.sources, options_.sessions + options_.unfinished);
  while (clock.SteadyNow() < until && clock.SleepFor(options_.tick, stop)) {
    for (Open& open : open_) {
      SESHAT_TRY(Grow(open, open.ticks + 1));
      if (open.ticks < options_.ticks_per_session) continue;
      uint64_t source = 0;
      while (SourceName(source) != open.source) ++source;
      open = {open.source, MakeSimulatedSession(options_.seed, open.source, next[source]++)};
      SESHAT_TRY(Grow(open, 1));
    }
  }
  for (Open& open : open_) SESHAT_TRY(Grow(open, options_.ticks_per_session));
  summary_.unfinished = 0;
  return summary_;
}

}  // namespace seshat::cli
