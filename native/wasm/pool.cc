// The pool of parallel/pool.h where there is one thread: the caller.
#include "parallel/pool.h"

namespace recurra {

struct Pool::State {
  Claims claims;
};

Pool::Pool(int) : state_(std::make_unique<State>()), threads_(1) {}
Pool::~Pool() = default;

void Pool::parallel(const std::function<void(const Worker&)>& body, int) { body(Worker(*this, 0, 1)); }
bool Pool::ready(int64_t) { return true; }

RunUnderWay::RunUnderWay(Pool&) {}
RunUnderWay::~RunUnderWay() = default;

Loan::Loan(Pool& pool) : pool_(pool) { pool_.threads_ = 1; }
Loan::~Loan() = default;

Claims* Worker::claims() const { return &pool_.state_->claims; }
void Worker::barrier() const {}

}  // namespace recurra
