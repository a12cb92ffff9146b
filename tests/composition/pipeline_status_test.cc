// What a process answers over HTTP to those who watch it.
#include "composition/pipeline_status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "adapters/memory_event_bus/memory_event_bus.h"
#include "adapters/memory_journal/memory_journal.h"
#include "platform/http_server/raw_client.h"
#include "support/fakes.h"

namespace seshat::composition {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

TEST(PipelineStatusTest, ThoseWhoWatchAreAnswered) {
  const LoadedConfig loaded =
      LoadConfig({.flags = {{"observability.host_names", "rig1.lab", "--set"}}, .working_directory = "/nowhere"});
  ASSERT_TRUE(loaded.problems.empty()) << loaded.problems.front().ToString();
  const auto foundation = MakeFoundation(loaded.config, {}, {});
  ASSERT_TRUE(foundation) << foundation.error().ToString();
  testing::FakeClock clock;
  PipelinePorts ports;
  ports.bus = memory_event_bus::MakeMemoryEventBus(clock);
  ports.journal = memory_journal::MakeMemoryJournal();
  JournalChange change;
  change.sources.push_back({.source = "", .problem = "the bucket refuses"});
  ASSERT_TRUE(ports.journal->Apply(change));
  const auto served = ServePipelineStatus(loaded.config, *foundation, ports, {});
  ASSERT_TRUE(served) << served.error().ToString();
  const std::string address = (*served)->address();
  const auto get = [&](const std::string& path) { return http_server::Get(address, path); };
  EXPECT_THAT(get("/livez"), AllOf(StartsWith("HTTP/1.1 200 "), EndsWith("\r\n\r\nok\n")));
  EXPECT_THAT(get("/readyz"),
              AllOf(StartsWith("HTTP/1.1 503 "), EndsWith("\r\n\r\nuploads pause: the bucket refuses\n")));
  EXPECT_THAT(get("/metrics?x=1"),
              AllOf(StartsWith("HTTP/1.1 200 "), HasSubstr("text/plain; version=0.0.4; charset=utf-8"),
                    HasSubstr("Cache-Control: no-store"), HasSubstr("seshat_info{version=\"")));
  EXPECT_THAT(get("/../etc/passwd"),
              AllOf(StartsWith("HTTP/1.1 404 "), EndsWith("\r\n\r\nthere is /metrics, /livez and /readyz\n")));
  const auto ask = [&](const std::string& line, const std::string& host) {
    return http_server::Ask(address, line + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n");
  };
  EXPECT_THAT(ask("POST /livez", "localhost"), AllOf(StartsWith("HTTP/1.1 405 "), HasSubstr("Allow: GET, HEAD"),
                                                     EndsWith("\r\n\r\nonly GET and HEAD\n")));
  EXPECT_THAT(ask("HEAD /livez", "localhost"), AllOf(StartsWith("HTTP/1.1 200 "), EndsWith("\r\n\r\n")));
  EXPECT_THAT(ask("GET /metrics", "rig1.lab"), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(ask("GET /metrics", HostName(loaded.config)), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(ask("GET /metrics", "evil.example"), AllOf(StartsWith("HTTP/1.1 421 "), Not(HasSubstr("seshat_info"))));
}

}  // namespace
}  // namespace seshat::composition
