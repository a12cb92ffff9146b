#include "adapters/prometheus/prometheus_metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "support/temp_dir.h"

namespace seshat::prometheus {
namespace {

using ::testing::HasSubstr;

constexpr MetricSpec kFiles{MetricSpec::Kind::kCounter, "seshat_test_files_total", "Files."};
constexpr MetricSpec kBacklog{MetricSpec::Kind::kGauge, "seshat_test_backlog_bytes", "Backlog."};
constexpr MetricSpec kSeconds{MetricSpec::Kind::kHistogram, "seshat_test_seconds", "Seconds."};

TEST(PrometheusMetrics, CountersAddGaugesSetHistogramsObserve) {
  const auto metrics = MakePrometheusMetrics();
  metrics->Record(kFiles, 2, {{"source", "a"}});
  metrics->Record(kFiles, 3, {{"source", "a"}});
  metrics->Record(kFiles, 1, {{"source", "b"}});
  metrics->Record(kBacklog, 7);
  metrics->Record(kBacklog, 5);
  metrics->Record(kSeconds, 0.002);
  metrics->Record(kSeconds, 1e9);
  const std::string text = metrics->Expose();
  EXPECT_THAT(text, HasSubstr("# HELP seshat_test_files_total Files."));
  EXPECT_THAT(text, HasSubstr("# TYPE seshat_test_files_total counter"));
  EXPECT_THAT(text, HasSubstr("seshat_test_files_total{source=\"a\"} 5"));
  EXPECT_THAT(text, HasSubstr("seshat_test_files_total{source=\"b\"} 1"));
  EXPECT_THAT(text, HasSubstr("seshat_test_backlog_bytes 5"));
  EXPECT_THAT(text, HasSubstr("seshat_test_seconds_bucket{le=\"0.001\"} 0"));
  EXPECT_THAT(text, HasSubstr("seshat_test_seconds_bucket{le=\"0.004\"} 1"));
  EXPECT_THAT(text, HasSubstr("seshat_test_seconds_bucket{le=\"+Inf\"} 2"));
}

TEST(PrometheusMetrics, CountsFromManyThreads) {
  const auto metrics = MakePrometheusMetrics();
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&] {
        for (int i = 0; i < 1000; ++i) metrics->Record(kFiles, 1, {{"source", "a"}});
      });
  }
  EXPECT_THAT(metrics->Expose(), HasSubstr("seshat_test_files_total{source=\"a\"} 4000"));
}

TEST(PrometheusMetrics, TooManyLabelSetsAreDroppedAndCounted) {
  const auto metrics = MakePrometheusMetrics();
  for (int i = 0; i < 1005; ++i) metrics->Record(kFiles, 1, {{"source", std::to_string(i)}});
  const std::string text = metrics->Expose();
  EXPECT_THAT(text, HasSubstr("seshat_test_files_total{source=\"999\"} 1"));
  EXPECT_THAT(text, ::testing::Not(HasSubstr("source=\"1000\"")));
  EXPECT_THAT(text, HasSubstr("seshat_metrics_dropped_total 5"));
}

TEST(PrometheusMetrics, PromtoolFindsNothingToComplainAbout) {
  ASSERT_EQ(std::system("command -v promtool >/dev/null 2>&1"), 0)
      << "promtool is missing: run scripts/install-packages";
  const testing::TempDir directory;
  const auto metrics = MakePrometheusMetrics();
  metrics->Record(kFiles, 2, {{"source", "quote \" backslash \\ newline \n"}});
  metrics->Record(kBacklog, 7);
  metrics->Record(kSeconds, 3);
  testing::WriteFile(directory / "metrics", metrics->Expose());
  EXPECT_EQ(std::system(("promtool check metrics < " + (directory / "metrics").string()).c_str()), 0);
}

}  // namespace
}  // namespace seshat::prometheus
