#include "adapters/memory_processor_runner/memory_processor_runner.h"

#include <filesystem>
#include <system_error>
#include <utility>

namespace seshat::memory_processor_runner {
namespace {

constexpr size_t kLogTailBytes = 4096;

class MemoryProcessorRunner : public ProcessorRunner {
 public:
  explicit MemoryProcessorRunner(ProcessorFunction function) : function_(std::move(function)) {}

  const Capabilities& capabilities() const override { return capabilities_; }

  Result<RunReport> Run(const ProcessorRun& run, std::stop_token stop) override {
    SESHAT_TRY(CheckProcessorRun(run));
    std::error_code error;
    if (!std::filesystem::is_regular_file(run.input, error))
      return Fail(ErrorCode::kInvalidArgument, "the input is no regular file");
    if (stop.stop_requested()) return Fail(ErrorCode::kCancelled, "the run was stopped before it began");
    SESHAT_ASSIGN(RunReport report, function_(run, stop));
    if (stop.stop_requested()) return Fail(ErrorCode::kCancelled, "the run was stopped");
    if (report.log_tail.size() > kLogTailBytes) report.log_tail.erase(0, report.log_tail.size() - kLogTailBytes);
    return report;
  }

 private:
  ProcessorFunction function_;
  Capabilities capabilities_;
};

}  // namespace

std::unique_ptr<ProcessorRunner> MakeMemoryProcessorRunner(ProcessorFunction function) {
  return std::make_unique<MemoryProcessorRunner>(std::move(function));
}

}  // namespace seshat::memory_processor_runner
