#include "services/retrieval/session_verification.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "services/indexing/indexing_lab.h"

namespace seshat::retrieval {
namespace {

using ::testing::ElementsAre;
using testing::IndexingLab;

class SessionVerificationTest : public ::testing::Test {
 protected:
  static SessionId Id(const char* id) { return SessionId::Parse(id).value(); }

  Result<VerifyReport> Run(SessionVerification wanted, const std::stop_token& stop = {}) {
    begun_.clear();
    wanted.begin = [this](const SessionId& id) -> BeginFiles {
      begun_.push_back(id.value());
      return [](uint64_t, uint64_t) -> Advanced { return [](uint64_t, uint64_t) {}; };
    };
    return VerifySessions(*lab_.store, wanted, stop);
  }

  IndexingLab lab_;
  std::vector<std::string> begun_;
};

TEST_F(SessionVerificationTest, LooksAtTheNewestRevisionWithItsResults) {
  const std::string path(817, 'x');
  lab_.PutSession({.id = "s"});
  lab_.PutReceipt("s", "a.bin", "p");
  lab_.PutSession({.id = "s", .files = {"a.bin", path}, .revision = 2});
  lab_.PutReceipt("s", path, "p", 2);
  const auto report = Run({.ids = {Id("s")}});
  ASSERT_TRUE(report) << report.error().ToString();
  EXPECT_EQ(report->sessions, 1u);
  EXPECT_EQ(report->files, 3u);
  EXPECT_EQ(report->by_reading, 3u);
  EXPECT_TRUE(report->failed.empty());
}

TEST_F(SessionVerificationTest, WhatCannotBeReadIsAFindingWhereAllAreWanted) {
  lab_.PutSession({.id = "a"});
  lab_.Put("a/processed/p-1/raw/a.bin/receipt.json", "{}");
  lab_.Put("damaged/manifests/000001.json", "{}");
  lab_.Put("uploading/owner.json", "{}");
  const auto report = Run({.all = true});
  ASSERT_TRUE(report) << report.error().ToString();
  EXPECT_EQ(report->sessions, 2u);
  EXPECT_THAT(begun_, ElementsAre("a"));
  ASSERT_EQ(report->failed.size(), 2u);
  EXPECT_EQ(report->failed[0].path, "a/processed/p-1/raw/a.bin/receipt.json");
  EXPECT_EQ(report->failed[1].path, "damaged");
  EXPECT_EQ(Run({.ids = {Id("uploading")}}).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(Run({.ids = {Id("damaged")}}).error().code, ErrorCode::kDataLoss);
}

TEST_F(SessionVerificationTest, StoppedIsNoSuccess) {
  lab_.PutSession({.id = "a"});
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(Run({.all = true}, stop.get_token()).error().code, ErrorCode::kCancelled);
  EXPECT_EQ(Run({.ids = {Id("a")}}, stop.get_token()).error().code, ErrorCode::kCancelled);
}

}  // namespace
}  // namespace seshat::retrieval
