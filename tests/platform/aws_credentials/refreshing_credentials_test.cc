#include "platform/aws_credentials/refreshing_credentials.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <thread>

#include "support/fakes.h"
#include "support/manual_clock.h"

namespace seshat::aws {
namespace {

using seshat::testing::ManualClock;
using seshat::testing::MemoryLogger;
using seshat::testing::SeededRandom;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

// Gives keys "1", "2", …; can be told to fail, and to wait for a sign before it answers.
class ScriptedSource : public CredentialSource {
 public:
  explicit ScriptedSource(Clock& clock) : clock_(clock) {}
  std::string name() const override { return "script"; }

  Result<Fetched> Fetch(std::stop_token stop) override {
    std::unique_lock lock(mutex_);
    ++inside_;
    most_inside_ = std::max(most_inside_, inside_);
    ++asked_;
    changed_.notify_all();
    const bool open = changed_.wait(lock, stop, [&] { return open_; });
    --inside_;
    if (!open) return Fail(ErrorCode::kCancelled, "stopped");
    if (failing_) return Fail(ErrorCode::kUnavailable, "the source is down");
    Credentials credentials;
    credentials.keys.access_key_id = fmt::format("{}", asked_);
    if (life_ != std::chrono::nanoseconds::max()) credentials.expires_at = clock_.Now() + life_;
    return credentials;
  }

  void set_life(std::chrono::nanoseconds life) {
    const std::lock_guard lock(mutex_);
    life_ = life;
  }
  void set_failing(bool failing) {
    const std::lock_guard lock(mutex_);
    failing_ = failing;
  }
  void set_open(bool open) {
    const std::lock_guard lock(mutex_);
    open_ = open;
    changed_.notify_all();
  }
  void WaitUntilAsked(int times) {
    std::unique_lock lock(mutex_);
    ASSERT_TRUE(changed_.wait_for(lock, seconds(30), [&] { return asked_ >= times; }));
  }
  int asked() {
    const std::lock_guard lock(mutex_);
    return asked_;
  }
  int most_inside() {
    const std::lock_guard lock(mutex_);
    return most_inside_;
  }

 private:
  Clock& clock_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::chrono::nanoseconds life_ = hours(1);
  bool failing_ = false;
  bool open_ = true;
  int asked_ = 0;
  int inside_ = 0;
  int most_inside_ = 0;
};

class RefreshingCredentialsTest : public ::testing::Test {
 protected:
  RefreshingCredentialsTest() {
    auto source = std::make_unique<ScriptedSource>(clock_);
    source_ = source.get();
    provider_ = MakeRefreshingCredentials(std::move(source), server_clock_, random_, logger_);
  }

  std::string Key() {
    auto credentials = provider_->Get({});
    return credentials ? (*credentials)->keys.access_key_id : credentials.error().ToString();
  }
  // Renewal happens in the background: asks until the key is there. Only a provider that never renews waits in vain.
  std::string KeyOnceItIs(std::string_view expected) {
    const auto deadline = std::chrono::steady_clock::now() + seconds(30);
    std::string key = Key();
    while (key != expected && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::yield();
      key = Key();
    }
    return key;
  }

  ManualClock clock_;
  ServerClock server_clock_{clock_};
  SeededRandom random_;
  MemoryLogger logger_;
  ScriptedSource* source_ = nullptr;
  std::unique_ptr<CredentialsProvider> provider_;
};

TEST_F(RefreshingCredentialsTest, AnswersFromMemoryUntilTheWindow) {
  EXPECT_EQ(Key(), "1");
  clock_.Advance(minutes(43));
  EXPECT_EQ(Key(), "1");
  EXPECT_EQ(source_->asked(), 1);
}

TEST_F(RefreshingCredentialsTest, CredentialsWithoutEndAreNeverRenewed) {
  source_->set_life(std::chrono::nanoseconds::max());
  EXPECT_EQ(Key(), "1");
  clock_.Advance(hours(24 * 365));
  EXPECT_EQ(Key(), "1");
  EXPECT_EQ(source_->asked(), 1);
}

TEST_F(RefreshingCredentialsTest, InTheWindowNobodyWaits) {
  EXPECT_EQ(Key(), "1");
  source_->set_open(false);
  clock_.Advance(minutes(46));
  for (int i = 0; i < 10; ++i) EXPECT_EQ(Key(), "1");  // the source has not answered yet
  source_->WaitUntilAsked(2);
  source_->set_open(true);
  EXPECT_EQ(KeyOnceItIs("2"), "2");
  EXPECT_EQ(source_->asked(), 2);
}

TEST_F(RefreshingCredentialsTest, InTheLastMinuteCallersWait) {
  EXPECT_EQ(Key(), "1");
  clock_.Advance(minutes(59) + seconds(30));
  EXPECT_EQ(Key(), "2");
}

TEST_F(RefreshingCredentialsTest, OldOnesServeWhileRenewingFailsUntilTheyAreExpired) {
  EXPECT_EQ(Key(), "1");
  source_->set_failing(true);
  for (const minutes step : {minutes(46), minutes(10), minutes(3)}) {
    clock_.Advance(step);
    EXPECT_EQ(Key(), "1");
  }
  clock_.Advance(seconds(30));  // the last minute: it waits, in vain, and takes the old ones
  EXPECT_EQ(Key(), "1");
  EXPECT_EQ(Key(), "1");  // and does not wait again during the pause
  clock_.Advance(minutes(1));
  EXPECT_EQ(Key(), "unavailable: the source is down");
  EXPECT_TRUE(logger_.Holds("AWS credentials could not be renewed"));
  source_->set_failing(false);
  clock_.Advance(minutes(2));
  const std::string key = Key();
  EXPECT_NE(key, "1");
  EXPECT_EQ(key.find("unavailable"), std::string::npos);
}

TEST_F(RefreshingCredentialsTest, AFailingSourceIsNotAskedDuringItsPause) {
  source_->set_failing(true);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(Key(), "unavailable: the source is down");
  EXPECT_EQ(source_->asked(), 1);
  clock_.Advance(seconds(1));
  (void)Key();
  EXPECT_EQ(source_->asked(), 2);
}

TEST_F(RefreshingCredentialsTest, RefusedOnesAreReplacedOnce) {
  const auto first = provider_->Get({}).value();
  provider_->Refuse(first);
  const auto second = provider_->Get({}).value();
  EXPECT_EQ(second->keys.access_key_id, "2");
  provider_->Refuse(first);  // of a request that failed with the old ones
  EXPECT_EQ(Key(), "2");
  EXPECT_EQ(source_->asked(), 2);
}

TEST_F(RefreshingCredentialsTest, RefusedOnesAreNotServedAgain) {
  const auto first = provider_->Get({}).value();
  source_->set_failing(true);
  provider_->Refuse(first);
  EXPECT_EQ(Key(), "unavailable: the source is down");
}

TEST_F(RefreshingCredentialsTest, ManyThreadsAskTheSourceOnce) {
  source_->set_open(false);
  std::vector<std::string> keys(16);
  {
    std::vector<std::jthread> threads;
    for (std::string& key : keys) threads.emplace_back([&] { key = Key(); });
    source_->WaitUntilAsked(1);
    source_->set_open(true);
  }
  for (const std::string& key : keys) EXPECT_EQ(key, "1");
  EXPECT_EQ(source_->asked(), 1);
  EXPECT_EQ(source_->most_inside(), 1);
}

TEST_F(RefreshingCredentialsTest, AStoppedCallerStopsWaiting) {
  source_->set_open(false);
  std::stop_source stop;
  std::string answer;
  std::jthread caller([&] { answer = provider_->Get(stop.get_token()).error().ToString(); });
  source_->WaitUntilAsked(1);
  stop.request_stop();
  caller.join();
  EXPECT_EQ(answer, "cancelled: stopped while waiting for AWS credentials");
  provider_.reset();  // stops the source, which still waits
}

TEST_F(RefreshingCredentialsTest, ShortLivedOnesAreRenewedInTheirLastThird) {
  source_->set_life(minutes(6));
  EXPECT_EQ(Key(), "1");
  clock_.Advance(minutes(3));
  EXPECT_EQ(Key(), "1");
  EXPECT_EQ(source_->asked(), 1);
  clock_.Advance(minutes(1) + seconds(30));
  EXPECT_EQ(KeyOnceItIs("2"), "2");
}

// This machine's clock is an hour ahead, say: the credentials are good all the same.
TEST_F(RefreshingCredentialsTest, NewOnesThatSeemExpiredAreServed) {
  source_->set_life(-minutes(5));
  EXPECT_EQ(Key(), "1");
  EXPECT_EQ(Key(), "1");
  EXPECT_EQ(source_->asked(), 1);
  EXPECT_TRUE(logger_.Holds("set the clock right"));
  clock_.Advance(minutes(5));
  EXPECT_EQ(KeyOnceItIs("2"), "2");
}

// A service refused a signature and so taught the time, after the credentials were fetched.
TEST_F(RefreshingCredentialsTest, AMachineAnHourAheadRenewsWhenTheServersClockSaysSo) {
  source_->set_life(seconds(0));  // an hour, by the clock that set the end
  EXPECT_EQ(Key(), "1");
  EXPECT_TRUE(server_clock_.Learn(clock_.Now() - hours(1)));
  clock_.Advance(minutes(40));
  EXPECT_EQ(Key(), "1");
  EXPECT_EQ(source_->asked(), 1);
  clock_.Advance(minutes(6));
  EXPECT_EQ(KeyOnceItIs("2"), "2");
}

TEST_F(RefreshingCredentialsTest, AMachineAnHourBehindRenewsBeforeTheEnd) {
  source_->set_life(hours(2));  // one hour, by the clock that set the end
  EXPECT_EQ(Key(), "1");
  EXPECT_TRUE(server_clock_.Learn(clock_.Now() + hours(1)));
  clock_.Advance(minutes(40));
  EXPECT_EQ(Key(), "1");
  EXPECT_EQ(source_->asked(), 1);
  clock_.Advance(minutes(19) + seconds(30));  // the last minute: it waits
  EXPECT_EQ(Key(), "2");
}

TEST_F(RefreshingCredentialsTest, AClockThatIsLearnedDuringAPauseDoesNotMakeItLonger) {
  source_->set_failing(true);
  EXPECT_EQ(Key(), "unavailable: the source is down");
  EXPECT_TRUE(server_clock_.Learn(clock_.Now() - hours(1)));
  source_->set_failing(false);
  clock_.Advance(seconds(1));
  EXPECT_EQ(Key(), "2");
}

}  // namespace
}  // namespace seshat::aws
