/** The element types that ONNX's recurrent operators read. */
export const onnxTypes = ['float16', 'bfloat16', 'float32', 'float64', 'int32'] as const;

/** A tensor of an ONNX graph: its elements row-major, as numbers whatever their type. */
export interface OnnxTensor {
  readonly shape: readonly number[];
  readonly dtype: (typeof onnxTypes)[number];
  readonly data: ArrayLike<number>;
}

/** One node of an ONNX graph. */
export interface OnnxNode {
  readonly opType: string;
  readonly attributes?: Readonly<Record<string, number | string | readonly number[] | readonly string[]>> | undefined;
  /**
   * Names of the tensors that it reads, in the operator's order; '' where an optional one is left out. Default: the tensors that are
   * given, by the operator's own names.
   */
  readonly inputs?: readonly string[] | undefined;
  /** Names of the tensors that it makes; '' where one is not wanted. Default: all, by the operator's own names. */
  readonly outputs?: readonly string[] | undefined;
}
