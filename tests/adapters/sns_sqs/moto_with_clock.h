// A moto server of its own whose clock the test moves: moto_with_clock.py around the moto that scripts/engines installs.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "platform/aws/service.h"
#include "platform/http/message.h"
#include "support/fakes.h"
#include "support/run_program.h"
#include "support/temp_dir.h"

namespace seshat::testing {

class MotoWithClock {
 public:
  static constexpr const char* kRegion = "us-east-1";
  static constexpr const char* kAccount = "123456789012";  // moto's own

  // `python` is SESHAT_ENGINE_PYTHON. Ends the test program where moto does not start.
  explicit MotoWithClock(const std::string& python);

  // Forwards; then gives long polls the time to look again.
  void Advance(std::chrono::milliseconds time);
  http::Url url() const { return http::ParseUrl(url_).value(); }
  const std::string& base_url() const { return url_; }
  // Signs with keys that moto takes as it takes any.
  std::unique_ptr<http::Sender> MakeSender(const std::string& service);
  Clock& clock() { return *clock_; }
  Random& random() { return random_; }

 private:
  bool Answers();
  void WriteOffset();

  TempDir directory_;
  std::chrono::milliseconds offset_{0};
  std::unique_ptr<Clock> clock_;
  SeededRandom random_;
  std::string url_;
  std::unique_ptr<RunningProgram> program_;
};

}  // namespace seshat::testing
