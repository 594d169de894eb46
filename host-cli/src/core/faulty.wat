;; A module that behaves as badly as a module can. The length of the operation's name chooses how.
(module
  (memory (export "memory") 1)
  (func (export "gait_alloc") (param i32) (result i32) (i32.const 1024))
  (func $deeper (param i32) (result i32)
    (i32.add (i32.const 1) (call $deeper (i32.add (local.get 0) (i32.const 1)))))
  (func (export "gait_call") (param $op i32) (param $length i32) (param i32 i32) (result i32)
    (if (i32.eq (local.get $length) (i32.const 1)) (then (loop $for_ever (br $for_ever))))
    (if (i32.eq (local.get $length) (i32.const 2)) (then (unreachable)))
    (if (i32.eq (local.get $length) (i32.const 3)) (then
      (loop $more (br_if $more (i32.ne (memory.grow (i32.const 1024)) (i32.const -1))))
      (unreachable)))
    (if (i32.eq (local.get $length) (i32.const 4)) (then (return (i32.const -2))))
    (if (i32.eq (local.get $length) (i32.const 5)) (then (return (call $deeper (i32.const 0)))))
    (if (i32.eq (local.get $length) (i32.const 6)) (then (return (i32.load (i32.const -4)))))
    ;; A reply without anything in it, and one that is longer than the memory.
    (i32.store (i32.const 16) (i32.const 0xffff))
    (if (i32.eq (local.get $length) (i32.const 7)) (then (return (i32.const 8))))
    (i32.const 16)))
